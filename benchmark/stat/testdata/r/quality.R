# Careless-response indices: rle, mahalanobis, own lines for the rest.
source("testdata/r/common.R")
set.seed(15)
n <- 60; K <- 24
f <- rnorm(n); g <- matrix(rnorm(n * 4), n)
X <- sapply(1:K, function(k) pmin(7, pmax(1, round(4 + f + 1.3 * g[, (k - 1) %/% 6 + 1] + rnorm(n)))))
X[1, ] <- 4; X[2, 1:20] <- 7; X[3, ] <- rep(c(1, 7), 12)
full <- X
X[cbind(sample(n, 40, TRUE), sample(K, 40, TRUE))] <- NA
X[5, ] <- NA; X[6, -9] <- NA
reversed <- (1:K) %% 7 == 0
clicked <- X; clicked[, reversed] <- 8 - X[, reversed]
run <- function(x) { x <- x[!is.na(x)]; if (length(x) < 2) return(c(NA, NA, NA)); r <- rle(x)$lengths; c(max(r), mean(r), sd(x)) }
runs <- t(apply(clicked, 1, run))
S <- cov(X, use = "pairwise.complete.obs"); m <- colMeans(X, na.rm = TRUE)
D <- sweep(X, 2, m); D[is.na(D)] <- 0
d2 <- mahalanobis(D, rep(0, K), S)
d2[5] <- NA
scales <- split(1:K, (1:K - 1) %/% 4)
eo <- apply(X, 1, function(x) { o <- sapply(scales, function(s) mean(x[s[c(1, 3)]], na.rm = TRUE)); e <- sapply(scales, function(s) mean(x[s[c(2, 4)]], na.rm = TRUE))
  ok <- !is.na(o) & !is.na(e); if (sum(ok) < 3) return(NA); if (sd(o[ok]) == 0 || sd(e[ok]) == 0) return(NA); r <- cor(o[ok], e[ok]); max(-1, 2 * r / (1 + r)) })
R <- cov2cor(S); pairs <- which(R >= .6 & upper.tri(R), arr.ind = TRUE); pairs <- pairs[order(pairs[, 1], pairs[, 2]), ]
ps <- apply(X, 1, function(x) { a <- x[pairs[, 1]]; b <- x[pairs[, 2]]; ok <- !is.na(a) & !is.na(b); if (sum(ok) < 3 || sd(a[ok]) == 0 || sd(b[ok]) == 0) return(NA); cor(a[ok], b[ok]) })
Z <- X; Z[is.na(Z)] <- 0
write_oracle("quality", list(x = Z, reversed = I(reversed), longstring = runs[, 1], average = runs[, 2], irv = runs[, 3], d2 = unname(d2),
  p = pchisq(unname(d2), K, lower.tail = FALSE), even_odd = unname(eo), pairs = unname(pairs) - 1, synonyms = unname(ps)), seed = 15)
