# The closed-form analysis of a Likert file in R, for the comparison of times:
#   Rscript speed.R FILE REPLICATES
# fread reads, data.table counts, psych computes alpha from the covariances, shares get
# the variance linearized by organization (what survey::svymean does, without building
# its design of a million rows), ICC(1) and ICC(2) come from the sums of multilevel,
# rwg(j) from the variances by organization, and the gap of the top tenth is resampled
# over organizations from their shares.
suppressPackageStartupMessages({ library(data.table); library(psych) })
args <- commandArgs(TRUE)
replicates <- as.integer(args[2])
d <- fread(args[1])
items <- grep("^q", names(d), value = TRUE)
A <- 7; z <- qnorm(.975)
N <- nrow(d)

# items: n, mean, sd, agreement, clustered interval
describe <- function(k) {
  x <- d[[k]]; ok <- !is.na(x); y <- as.numeric(x >= A - 1)
  by <- data.table(g = d$team[ok], y = y[ok], x = x[ok])[, .(n = .N, s = sum(y), sx = sum(x), sxx = sum(as.numeric(x)^2)), by = g]
  n <- sum(by$n); p <- sum(by$s) / n; J <- nrow(by)
  v <- J / (J - 1) * sum((by$s - by$n * p)^2) / n^2
  ns <- p * (1 - p) / v * (z / qt(.975, J - 1))^2
  centre <- (p + z^2 / (2 * ns)) / (1 + z^2 / ns); half <- z * sqrt(p * (1 - p) / ns + z^2 / (4 * ns^2)) / (1 + z^2 / ns)
  msw <- sum(by$sxx - by$sx^2 / by$n) / (n - J); m <- sum(by$sx) / n
  msb <- sum(by$n * (by$sx / by$n - m)^2) / (J - 1); n0 <- (n - sum(by$n^2) / n) / (J - 1)
  c(n = n, mean = m, sd = sd(x, na.rm = TRUE), share = p, lower = centre - half, upper = centre + half,
    deff = v * (n - 1) / (p * (1 - p)), icc1 = (msb - msw) / (msb + (n0 - 1) * msw), icc2 = (msb - msw) / msb)
}
table <- sapply(items, describe)

# scale: alpha from the covariances of complete rows
X <- as.matrix(d[, ..items]); complete <- complete.cases(X)
C <- cov(X[complete, ])
a <- psych::alpha(C, n.obs = sum(complete), check.keys = FALSE, warnings = FALSE)

# agreement inside organizations
W <- d[complete, lapply(.SD, var), by = team, .SDcols = items]
q <- rowMeans(as.matrix(W[, ..items])) / ((A^2 - 1) / 12); K <- length(items)
rwgj <- pmax(0, K * (1 - q) / (K * (1 - q) + q))

# organizations, the top tenth, gaps and their bootstrap over organizations
shares <- as.matrix(d[, lapply(.SD, function(x) mean(x >= A - 1, na.rm = TRUE)), by = team, .SDcols = items][, ..items])
index <- rowMeans(shares); J <- nrow(shares); top <- order(-index)[seq_len(round(J / 10))]
gap <- colMeans(shares[top, ]) - colMeans(shares[-top, ])
set.seed(1)
boot <- replicate(replicates, {
  w <- tabulate(sample.int(J, J, TRUE), J)
  o <- order(-index); cum <- cumsum(w[o]); wc <- numeric(J); wc[o] <- pmin(w[o], pmax(0, round(J / 10) - (cum - w[o])))
  colSums(shares * wc) / sum(wc) - colSums(shares * (w - wc)) / sum(w - wc)
})
ci <- apply(boot, 1, quantile, c(.025, .975))
cat(sprintf("R: n %d, alpha %.6f, first share %.6f, median rwg(j) %.4f, first gap %.4f (%.4f to %.4f)\n",
  N, a$total$raw_alpha, table["share", 1], median(rwgj, na.rm = TRUE), gap[1], ci[1, 1], ci[2, 1]))
