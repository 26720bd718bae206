# boot::boot on organization sums: ratio estimate, percentile and BCa, and the
# acceleration from jackknife values.
source("testdata/r/common.R")
suppressMessages(library(boot))
set.seed(17)
J <- 40
n <- 5 + rpois(J, 20); y <- rbinom(J, n, rbeta(J, 3, 5))
d <- data.frame(n = n, y = y)
ratio <- function(d, i) sum(d$y[i]) / sum(d$n[i])
b <- boot(d, ratio, R = 100000)
L <- empinf(b, type = "jack") # about t0; the methods centre on the mean
L0 <- L - mean(L)
ci <- boot.ci(b, type = c("perc", "bca"), L = L)
write_oracle("bootstrap", list(n = n, y = y, estimate = b$t0, se = sd(b$t), percentile = ci$percent[4:5], bca = ci$bca[4:5],
  z0 = qnorm(mean(b$t < b$t0)), a = sum(L0^3) / (6 * sum(L0^2)^1.5)), "boot", 17)
