source("testdata/r/common.R")
suppressMessages({library(effectsize); library(coin)})
seed <- 4711; set.seed(seed)
wilson <- function(x, n) as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int)
newcombe <- function(x1, n1, x2, n2) {
  p1 <- x1 / n1; p2 <- x2 / n2; a <- wilson(x1, n1); b <- wilson(x2, n2); d <- p1 - p2
  c(d - sqrt((p1 - a[1])^2 + (b[2] - p2)^2), d + sqrt((a[2] - p1)^2 + (p2 - b[1])^2))
}
# Constrained maximum likelihood by direct maximization, roots by uniroot.
mn <- function(x1, n1, x2, n2) {
  d <- x1 / n1 - x2 / n2; N <- n1 + n2
  ll <- function(p2, D) { p1 <- p2 + D; s <- 0
    if (x1 > 0) s <- s + x1 * log(p1); if (n1 > x1) s <- s + (n1 - x1) * log1p(-p1)
    if (x2 > 0) s <- s + x2 * log(p2); if (n2 > x2) s <- s + (n2 - x2) * log1p(-p2); s }
  dll <- function(p2, D) x1 / (p2 + D) - (n1 - x1) / (1 - p2 - D) + x2 / p2 - (n2 - x2) / (1 - p2)
  cml <- function(D) { lo <- max(0, -D) + 1e-13; hi <- min(1, 1 - D) - 1e-13
    if (dll(lo, D) <= 0) return(lo); if (dll(hi, D) >= 0) return(hi)
    uniroot(dll, c(lo, hi), D = D, tol = 1e-15, maxiter = 10000)$root }
  z <- function(D) { p2 <- cml(D); p1 <- p2 + D
    (d - D) / sqrt((p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * N / (N - 1)) }
  q <- qnorm(.975)
  lo <- if (d <= -1) -1 else tryCatch(uniroot(function(D) z(D) - q, c(-1 + 1e-9, d), tol = 1e-14)$root, error = function(e) -1)
  up <- if (d >= 1) 1 else tryCatch(uniroot(function(D) z(D) + q, c(d, 1 - 1e-9), tol = 1e-14)$root, error = function(e) 1)
  c(lo, up)
}
tables <- data.frame(x1 = c(56, 9, 10, 0, 412, 5, 250, 3), n1 = c(70, 10, 10, 15, 900, 56, 400, 11), x2 = c(48, 3, 4, 7, 300, 0, 180, 9), n2 = c(80, 10, 20, 29, 850, 29, 390, 14))
proportions <- lapply(seq_len(nrow(tables)), function(i) {
  t <- tables[i, ]; x1 <- t$x1; n1 <- t$n1; x2 <- t$x2; n2 <- t$n2
  m <- matrix(c(x1, n1 - x1, x2, n2 - x2), 2)
  h <- if (any(m == 0)) m + .5 else m
  lor <- log(h[1, 1] * h[2, 2] / h[2, 1] / h[1, 2]); se <- sqrt(sum(1 / h))
  pr <- suppressWarnings(prop.test(c(x1, x2), c(n1, n2), correct = FALSE))
  list(x1 = x1, n1 = n1, x2 = x2, n2 = n2, newcombe = newcombe(x1, n1, x2, n2), mn = mn(x1, n1, x2, n2),
    z2 = as.numeric(pr$statistic), p_z = pr$p.value, p_fisher = fisher.test(m)$p.value,
    cohens_h = 2 * asin(sqrt(x1 / n1)) - 2 * asin(sqrt(x2 / n2)),
    odds_ratio = exp(lor), odds_ci = exp(lor + c(-1, 1) * qnorm(.975) * se),
    risk_ratio = if (x2 == 0 || x1 == 0) NULL else (x1 / n1) / (x2 / n2),
    risk_ci = if (x2 == 0 || x1 == 0) NULL else exp(log((x1 / n1) / (x2 / n2)) + c(-1, 1) * qnorm(.975) * sqrt((1 - x1 / n1) / x1 + (1 - x2 / n2) / x2)))
})
x <- sample(1:7, 40, TRUE, c(1, 1, 2, 3, 5, 6, 4)); y <- sample(1:7, 55, TRUE, c(2, 3, 4, 4, 3, 2, 1))
dd <- cohens_d(x, y, pooled_sd = TRUE); gg <- hedges_g(x, y, pooled_sd = TRUE)
n1 <- length(x); n2 <- length(y); dm <- sign(outer(x, y, "-")); d <- mean(dm)
v <- (n2^2 * sum((rowMeans(dm) - d)^2) + n1^2 * sum((colMeans(dm) - d)^2) - sum((dm - d)^2)) / (n1 * n2 * (n1 - 1) * (n2 - 1))
z <- qnorm(.975)
cl <- (d - d^3 + c(-1, 1) * z * sqrt(v) * sqrt((1 - d^2)^2 + z^2 * v)) / (1 - d^2 + z^2 * v)
effects <- list(x = tabulate(x, 7), y = tabulate(y, 7), d = dd$Cohens_d, d_ci = c(dd$CI_low, dd$CI_high), g = gg$Hedges_g, g_ci = c(gg$CI_low, gg$CI_high),
  cliff = as.numeric(cliffs_delta(x, y)$r_rank_biserial), cliff_se = sqrt(v), cliff_ci = cl)
bh <- c(.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1)
shuffled <- sample(c(bh, .0298, .5))
multiple <- list(published = bh, p = shuffled, bh = p.adjust(shuffled, "BH"), holm = p.adjust(shuffled, "holm"), bonferroni = p.adjust(shuffled, "bonferroni"))
roles <- round(rnorm(14, 8, 15), 0); roles[3] <- 0; roles[5] <- roles[6]
tt <- t.test(roles); ww <- suppressWarnings(wilcox.test(roles, exact = FALSE, correct = TRUE))
paired <- list(d = roles, mean = mean(roles), ci = as.numeric(tt$conf.int), p_t = tt$p.value, p_signed_rank = ww$p.value)
a <- c(.71, .64, .55, .8); b <- c(.4, .52, .61, .33, .7, .45, .38, .59)
g <- factor(rep(1:2, c(4, 8)))
exact <- list(a = a, b = b, p = as.numeric(pvalue(oneway_test(c(a, b) ~ g, distribution = "exact"))))
write_oracle("differences", list(proportions = proportions, effects = effects, multiple = multiple, paired = paired, permutation = exact), c("effectsize", "coin"), seed)
