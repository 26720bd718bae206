# Raking and post-stratification by survey.
source("testdata/r/common.R")
suppressMessages(library(survey))
set.seed(18)
n <- 300
d <- data.frame(role = factor(sample(3, n, TRUE, c(.7, .2, .1))), size = factor(sample(4, n, TRUE)), base = round(runif(n, .5, 2), 2))
s <- svydesign(~1, weights = ~base, data = d)
role <- c(.55, .3, .15); size <- c(.4, .3, .2, .1)
p1 <- data.frame(role = factor(1:3), Freq = role * n); p2 <- data.frame(size = factor(1:4), Freq = size * n)
r <- rake(s, list(~role, ~size), list(p1, p2), control = list(maxit = 1000, epsilon = 1e-13, verbose = FALSE))
ps <- postStratify(s, ~role, p1)
w <- weights(r); w <- w / mean(w); v <- weights(ps); v <- v / mean(v)
write_oracle("weights", list(role = as.integer(d$role) - 1, size = as.integer(d$size) - 1, base = d$base, role_target = role, size_target = size,
  raked = unname(w), poststratified = unname(v), deff_kish = n * sum(w^2) / sum(w)^2, n_eff = sum(w)^2 / sum(w^2)), "survey", 18)
