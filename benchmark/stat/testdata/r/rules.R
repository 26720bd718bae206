# Rule on several practices: multivariate shrinkage and 40,000 draws, and the
# split-half gap of a small table by an own script with 4,000 splits.
source("testdata/r/common.R")
set.seed(22)
J <- 15; K <- 4; n <- 12 + rpois(J, 8); org <- rep(1:J, n)
u <- matrix(rnorm(J * K, 0, .5), J) + rnorm(J, 0, .7)
Y <- sapply(1:K, function(k) rbinom(length(org), 1, plogis(.4 + u[org, k] + rnorm(length(org), 0, .8))))
P <- rowsum(Y, org) / n; m <- colMeans(Y)
R <- Y - P[org, ]
Sw <- crossprod(R) / (nrow(Y) - J)
B <- sweep(P, 2, m); MSB <- crossprod(B * sqrt(n)) / (J - 1); n0 <- (sum(n) - sum(n^2) / sum(n)) / (J - 1)
e <- eigen((MSB - Sw) / n0); T <- e$vectors %*% diag(pmax(e$values, 0)) %*% t(e$vectors)
post <- lapply(1:J, function(j) { G <- T %*% solve(T + Sw / n[j]); C <- T - G %*% T; e <- eigen((C + t(C)) / 2)
  mu <- as.numeric(m + G %*% (P[j, ] - m)); D <- mu + e$vectors %*% (sqrt(pmax(e$values, 0)) * matrix(rnorm(K * 40000), K))
  list(mean = mu, p = mean(colSums(D >= .6) >= 3)) })
half <- function() { a <- as.logical(ave(seq_along(org), org, FUN = function(i) { s <- rep(0, length(i)); h <- length(i) %/% 2 + (length(i) %% 2) * rbinom(1, 1, .5); s[sample(length(i), h)] <- 1; s }))
  g <- function(c, v) { i <- tapply(rowMeans(Y)[c], org[c], mean); top <- order(-i, seq_along(i))[1:3]; s <- rowsum(Y[v, ], org[v]) / as.numeric(table(org[v])); colMeans(s[top, ]) - colMeans(s[-top, ]) }
  (g(a, !a) + g(!a, a)) / 2 }
s <- replicate(4000, half())
write_oracle("rules", list(y = t(Y), org = org - 1, within = Sw, shares = P, posterior = t(sapply(post, `[[`, "mean")), p = sapply(post, `[[`, "p"),
  split_half = rowMeans(s), split_se = apply(s, 1, sd) / sqrt(4000)), seed = 22)
