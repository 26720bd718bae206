# Full Bayes of the normal model on a grid twice as fine as the product's, REML
# by optimize, and an index with role weights.
source("testdata/r/common.R")
fit <- function(y, s2, cuts, points = 800) {
  step <- 3 * sd(y) / points
  tau <- (seq_len(points) - .5) * step
  lp <- function(t) { v <- s2 + t^2; V <- 1 / sum(1 / v); m <- V * sum(y / v)
    c(.5 * log(V) - .5 * sum(log(v)) - .5 * sum((y - m)^2 / v), m, V) }
  g <- vapply(tau, lp, numeric(3))
  w <- exp(g[1, ] - max(g[1, ])); w <- w / sum(w)
  one <- function(j) {
    l <- tau^2 / (s2[j] + tau^2)
    m <- g[2, ] + l * (y[j] - g[2, ])
    s <- sqrt(tau^2 * (1 - l) + (1 - l)^2 * g[3, ])
    mean <- sum(w * m)
    sdev <- sqrt(sum(w * (s^2 + (m - mean)^2)))
    q <- function(p) uniroot(function(x) sum(w * pnorm(x, m, s)) - p, mean + c(-20, 20) * sdev, tol = 1e-13)$root
    list(mean = mean, sd = sdev, lower = q(.025), upper = q(.975), above = vapply(cuts, function(c) sum(w * pnorm(c, m, s, lower.tail = FALSE)), 0))
  }
  f <- function(t) lp(t)[1]
  best <- optimize(f, c(0, 3 * sd(y)), maximum = TRUE, tol = 1e-12)
  t2 <- if (f(0) >= best$objective - 1e-9) 0 else best$maximum^2
  at <- lp(sqrt(t2))
  list(y = y, s2 = s2, cuts = cuts, organizations = lapply(seq_along(y), one), mu = sum(w * g[2, ]), tau = sum(w * tau),
       tau2_reml = t2, mu_reml = at[2], loglik = at[1] - .5 * (length(y) - 1) * log(2 * pi), lambda = t2 / (t2 + s2))
}
set.seed(11)
case <- function(J, n, tau, sigma) {
  n <- rep_len(n, J)
  s2 <- sigma^2 / n
  y <- rnorm(J, .5, tau) + rnorm(J, 0, sqrt(s2))
  fit(y, s2, c(.65, .55, .45))
}
cases <- list(case(12, 20, .1, .3), case(40, c(15, 30, 80), .08, .3), case(100, 60, .1, .3), case(10, c(5, 9), .01, .3), case(25, 15:39, .0001, .3))
many <- case(400, c(15, 30, 80), .1, .3)
write_oracle("shrink_normal", list(cases = c(cases, list(many))), seed = 11)
