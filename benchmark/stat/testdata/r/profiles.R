# Latent classes by an own EM, k-means, Ward, silhouette, adjusted Rand index,
# and the logit random intercept by lme4::glmer(nAGQ = 15).
source("testdata/r/common.R")
suppressMessages({library(cluster); library(mclust); library(lme4)})
set.seed(21)
n <- 400; K <- 6; G <- 3
z <- sample(G, n, TRUE, c(.5, .3, .2)); pr <- rbind(c(.1, .2, .7), c(.3, .5, .2), c(.8, .1, .1))
X <- sapply(1:K, function(k) vapply(z, function(g) sample(3, 1, prob = pr[(g + k %/% 4 - 1) %% 3 + 1, ]), 0))
X[cbind(sample(n, 30), sample(K, 30, TRUE))] <- 0
em <- function(X, G) {
  P <- lapply(1:K, function(k) { m <- matrix(rexp(G * 3), G); m / rowSums(m) }); w <- rep(1 / G, G); old <- -Inf
  repeat {
    L <- matrix(log(w), n, G, byrow = TRUE)
    for (k in 1:K) { ok <- X[, k] > 0; L[ok, ] <- L[ok, ] + t(log(P[[k]][, X[ok, k]])) }
    m <- apply(L, 1, max); ll <- sum(m + log(rowSums(exp(L - m)))); post <- exp(L - m); post <- post / rowSums(post)
    if (abs(ll - old) <= 1e-11 * abs(ll)) break
    old <- ll; w <- colMeans(post)
    P <- lapply(1:K, function(k) { m <- sapply(1:3, function(c) colSums(post * (X[, k] == c))); m / rowSums(m) })
  }
  list(ll = ll, w = w, post = post)
}
fits <- lapply(1:40, function(i) em(X, G)); f <- fits[[which.max(sapply(fits, function(f) f$ll))]]
npar <- G - 1 + G * K * 2
Y <- rbind(matrix(rnorm(120, 0), 40), matrix(rnorm(90, 3), 30), matrix(rnorm(60, c(0, 5)), 20)); Z <- scale(Y)
km <- kmeans(Z, 3, nstart = 200, iter.max = 100)
wd <- cutree(hclust(dist(Z), "ward.D2"), 3)
tot <- sum(Z^2)
cnt <- 5 + rpois(30, 25); ag <- rbinom(30, cnt, plogis(.4 + .8 * rnorm(30)))
d <- data.frame(org = rep(1:30, cnt), y = unlist(mapply(function(a, m) rep(c(1, 0), c(a, m - a)), ag, cnt)))
g <- glmer(y ~ 1 + (1 | org), d, family = binomial, nAGQ = 15)
write_oracle("profiles", list(x = X, loglik = f$ll, shares = sort(f$w, decreasing = TRUE), n_par = npar, bic = -2 * f$ll + npar * log(n),
  entropy = 1 + sum(ifelse(f$post > 0, f$post * log(f$post), 0)) / (n * log(G)), y = Y, within = km$tot.withinss, sizes = sort(km$size, decreasing = TRUE),
  silhouette = mean(silhouette(km$cluster, dist(Z))[, 3]), ch = (tot - km$tot.withinss) / 2 / (km$tot.withinss / (nrow(Y) - 3)), rand = adjustedRandIndex(km$cluster, wd), ward = wd,
  agree = ag, n = cnt, intercept = unname(fixef(g)), tau2 = as.numeric(VarCorr(g)$org), glmer = as.numeric(logLik(g)), deviance_check = -.5 * g@devcomp$cmp[["dev"]]), c("cluster", "mclust", "lme4"), 21)
