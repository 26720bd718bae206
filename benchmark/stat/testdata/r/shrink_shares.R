# Beta-binomial: maximum likelihood by optim, checked by VGAM; full Bayes over
# (mu, s = M^(-1/2)), uniform, on a 400 x 400 grid; quantiles by uniroot.
source("testdata/r/common.R")
suppressMessages(library(VGAM))
ll <- function(mu, theta, y, n) sum(lchoose(n, y)) + sum(mapply(function(y, n)
  sum(log(mu + seq_len(y) * theta - theta)) + sum(log(1 - mu + seq_len(n - y) * theta - theta)) - sum(log(1 + seq_len(n) * theta - theta)), y, n))
fit <- function(y, n, cuts, show) {
  o <- optim(c(qlogis(sum(y) / sum(n)), log(.05)), function(x) -ll(plogis(x[1]), exp(x[2]), y, n), control = list(reltol = 1e-15, maxit = 5000))
  v <- logLik(vglm(cbind(y, n - y) ~ 1, betabinomial, irho = .1))
  mu <- plogis(o$par[1]); theta <- exp(o$par[2])
  h <- solve(optimHess(o$par, function(x) -ll(plogis(x[1]), exp(x[2]), y, n)))
  mr <- plogis(o$par[1] + c(-9, 9) * sqrt(h[1, 1]))
  sr <- c(0, min(sqrt(10), exp((o$par[2] + 9 * sqrt(h[2, 2])) / 2)))
  N <- 400
  ms <- mr[1] + (seq_len(N) - .5) / N * diff(mr); ss <- sr[1] + (seq_len(N) - .5) / N * diff(sr)
  g <- expand.grid(mu = ms, s = ss); th <- g$s^2
  lp <- 0
  for (j in seq_along(y)) lp <- lp + lbeta(g$mu / th + y[j], (1 - g$mu) / th + n[j] - y[j]) - lbeta(g$mu / th, (1 - g$mu) / th)
  w <- exp(lp - max(lp)); keep <- w > 1e-9; w <- w[keep] / sum(w[keep]); a <- (g$mu / th)[keep]; b <- ((1 - g$mu) / th)[keep]
  one <- function(j) { A <- a + y[j]; B <- b + n[j] - y[j]; m <- A / (A + B); v <- m * (1 - m) / (A + B + 1); mean <- sum(w * m)
    q <- function(p) uniroot(function(x) sum(w * pbeta(x, A, B)) - p, c(1e-9, 1 - 1e-9), tol = 1e-10)$root
    list(y = y[j], n = n[j], mean = mean, sd = sqrt(sum(w * (v + (m - mean)^2))), lower = q(.025), upper = q(.975),
         above = vapply(cuts, function(c) sum(w * pbeta(c, A, B, lower.tail = FALSE)), 0),
         plugin = (mu / theta + y[j]) / (1 / theta + n[j]), plugin_lower = qbeta(.025, mu / theta + y[j], (1 - mu) / theta + n[j] - y[j]),
         plugin_above = pbeta(cuts, mu / theta + y[j], (1 - mu) / theta + n[j] - y[j], lower.tail = FALSE)) }
  list(y = y, n = n, cuts = cuts, mu = mu, theta = theta, loglik = -o$value, vgam = as.numeric(v), binomial = sum(dbinom(y, n, sum(y) / sum(n), TRUE)), organizations = lapply(show, one))
}
set.seed(14)
sim <- function(n, p, M) rbinom(length(n), n, rbeta(length(n), p * M, (1 - p) * M))
rat <- list(y = c(rep(0, 14), rep(1, 8), rep(2, 9), 1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10, rep(4, 7), 10, 4, 4, 4, 5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9, 4),
  n = c(rep(20, 7), rep(19, 4), 18, 18, 17, rep(20, 4), 19, 19, 18, 18, 25, 24, 23, rep(20, 6), 10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50, rep(20, 7), 48, 19, 19, 19, 22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24, 14))
n1 <- rep(c(10, 20, 45), 4); n2 <- rep(60, 30)
write_oracle("shrink_shares", list(rat = rat, cases = list(fit(sim(n1, .4, 8), n1, c(.3, .5), 1:12), fit(sim(n2, .65, 30), n2, c(.6, .7), 1:30), fit(rat$y, rat$n, c(.1, .2), c(1, 20, 40, 71)))), "VGAM", 14)
