# LMG over all subsets by lm, Johnson weights by eigen, within and between
# slopes by lmer.
source("testdata/r/common.R")
suppressMessages(library(lme4))
set.seed(20)
n <- 240; p <- 5; org <- rep(1:40, each = 6)
u <- rnorm(40)[org]
X <- sapply(1:p, function(k) .6 * u + rnorm(n) + .5 * (k > 2) * rnorm(n)); X[, 5] <- X[, 4] * .7 + .5 * X[, 5]
y <- X %*% c(.5, .3, 0, .4, -.2) + .8 * u + rnorm(n); y <- as.numeric(y)
r2 <- function(s) if (length(s) == 0) 0 else summary(lm(y ~ X[, s]))$r.squared
subsets <- lapply(0:(2^p - 1), function(b) which(bitwAnd(b, 2^(0:(p - 1))) > 0))
R2 <- vapply(subsets, r2, 0)
lmg <- vapply(1:p, function(j) sum(vapply(seq_along(subsets), function(i) { s <- subsets[[i]]; if (j %in% s) return(0)
  factorial(length(s)) * factorial(p - length(s) - 1) / factorial(p) * (R2[i + 2^(j - 1)] - R2[i]) }, 0)), 0)
R <- cor(X); r <- cor(X, y); e <- eigen(R); L <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors)
johnson <- as.numeric((L * L) %*% (solve(L, r)^2))
m <- lm(scale(y) ~ scale(X)); beta <- unname(coef(m)[-1])
vif <- diag(solve(R))
last <- vapply(1:p, function(j) R2[2^p] - R2[2^p - 2^(j - 1)], 0)
M <- apply(X[, 1:2], 2, function(v) ave(v, org)); W <- X[, 1:2] - M
f <- lmer(y ~ W + M + (1 | org))
s <- summary(f)$coefficients
write_oracle("drivers", list(x = X, y = y, org = org, lmg = lmg, johnson = johnson, beta = beta, vif = unname(vif), r = as.numeric(r), last = last,
  r2 = R2[2^p], r2_adjusted = summary(lm(y ~ X))$adj.r.squared,
  levels = list(within = unname(s[2:3, 1]), between = unname(s[4:5, 1]), se_within = unname(s[2:3, 2]), se_between = unname(s[4:5, 2]),
    tau2 = as.numeric(VarCorr(f)$org), sigma2 = sigma(f)^2, loglik = as.numeric(logLik(f)))), "lme4", 20)
