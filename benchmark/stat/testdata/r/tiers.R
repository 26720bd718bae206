# Poisson-binomial distribution by the discrete Fourier transform of its
# characteristic function, tier cuts by quantile().
source("testdata/r/common.R")
pb <- function(p) { n <- length(p); w <- 2i * pi * (0:n) / (n + 1)
  Re(fft(vapply(w, function(t) prod(1 - p + p * exp(t)), 0i))) / (n + 1) }
set.seed(13)
one <- function(p) { f <- pb(p); F <- cumsum(f)
  list(p = p, lower = which(F >= .025)[1] - 1, upper = which(F >= .975)[1] - 1, pmf = f) }
means <- runif(41, .2, .9)
low <- runif(33, .1, .4)
write_oracle("tiers", list(poisson_binomial = list(one(runif(12)), one(c(0, 1, .5, .5)), one(rbeta(60, .3, 2))),
  means = means, cuts = unname(quantile(means, c(.9, .7, .3))), low = low, low_cuts = unname(quantile(low, c(.9, .7, .3)))), seed = 13)
