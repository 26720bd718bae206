# Expected ranks and rank intervals of the normal model: expected rank from the
# matrix of P(th_i > th_j) by pnorm over the grid, intervals from 40,000 draws.
source("testdata/r/common.R")
set.seed(12)
J <- 30
n <- rep(c(15, 30, 60), 10)
s2 <- .09 / n
y <- rnorm(J, .5, .08) + rnorm(J, 0, sqrt(s2))
step <- 3 * sd(y) / 400
tau <- (1:400 - .5) * step
g <- vapply(tau, function(t) { v <- s2 + t^2; V <- 1 / sum(1 / v); m <- V * sum(y / v)
  c(.5 * log(V) - .5 * sum(log(v)) - .5 * sum((y - m)^2 / v), m, V) }, numeric(3))
w <- exp(g[1, ] - max(g[1, ])); w <- w / sum(w)
expected <- rep(1, J)
for (k in which(w > 1e-9)) {
  l <- tau[k]^2 / (s2 + tau[k]^2); m <- g[2, k] + l * (y - g[2, k]); own <- tau[k]^2 * (1 - l)
  d <- outer(m, m, "-") # d[i, j]: i above j; mu is shared, so covariance (1-l_i)(1-l_j)V
  v <- outer(own, own, "+") + outer(1 - l, 1 - l, "-")^2 * g[3, k]
  P <- pnorm(d / sqrt(v)); diag(P) <- 0
  expected <- expected + w[k] * colSums(P)
}
B <- 40000
k <- sample(400, B, TRUE, w)
mu <- g[2, k] + sqrt(g[3, k]) * rnorm(B)
draws <- vapply(1:B, function(b) { t2 <- tau[k[b]]^2; l <- t2 / (s2 + t2)
  rank(-(mu[b] + l * (y - mu[b]) + sqrt(t2 * (1 - l)) * rnorm(J))) }, numeric(J))
ci <- apply(draws, 1, quantile, c(.025, .975), type = 1)
write_oracle("ranks", list(y = y, s2 = s2, expected = expected, lower = ci[1, ], upper = ci[2, ],
  decile = rowMeans(draws <= 3), quarter = rowMeans(draws <= 8)), seed = 12)
