source("testdata/r/common.R")
suppressMessages(library(multilevel))
seed <- 314159; set.seed(seed)
rows_of <- function(X, org, A, skew) {
  u <- rwg.j(X, org, ranvar = (A^2 - 1) / 12)
  data.frame(org = u$grpid, n = u$gsize, uniform = u$rwg.j,
    slight = rwg.j(X, org, ranvar = skew[1])$rwg.j, moderate = rwg.j(X, org, ranvar = skew[2])$rwg.j, heavy = rwg.j(X, org, ranvar = skew[3])$rwg.j,
    star = rwg.j.lindell(X, org, ranvar = (A^2 - 1) / 12)$rwg.lindell,
    ad_mean = ad.m(X, org)$AD.M, ad_median = ad.m(X, org, type = "median")$AD.M)
}
make <- function(J, K, A, sd_org, sd) {
  nj <- sample(5:25, J, TRUE); org <- rep(seq_len(J) - 1, nj)
  mu <- rnorm(J, (A + 1) / 2 + .6, sd_org)
  X <- sapply(seq_len(K), function(k) pmin(A, pmax(1, round(mu[org + 1] + rnorm(length(org), 0, sd)))))
  list(org = org, X = X)
}
cases <- list()
for (spec in list(c(12, 5, 7, .8, 1.1), c(10, 4, 5, .3, 1.6), c(8, 1, 7, 1, 1))) {
  g <- make(spec[1], spec[2], spec[3], spec[4], spec[5]); A <- spec[3]
  skew <- if (A == 5) c(1.34, .9, .44) else c(2.9, 2.14, 1.39)
  if (ncol(g$X) > 1) g$X[3, 2] <- NA
  one <- rwg(g$X[, 1], g$org, ranvar = (A^2 - 1) / 12)
  aw <- awg(g$X[, 1], g$org, range = c(1, A))
  done <- complete.cases(g$X)
  r <- if (ncol(g$X) > 1) rows_of(data.frame(g$X[done, ]), g$org[done], A, skew) else NULL
  cases[[length(cases) + 1]] <- list(scale = A, org = g$org, columns = lapply(seq_len(ncol(g$X)), function(k) I(g$X[, k])), result = r,
    first_item = data.frame(org = one$grpid, rwg = one$rwg, awg = aw$a.wg))
}
tr <- read.csv("../../../shared/data/turkiye_student_evaluation.csv")
org <- as.integer(factor(paste(tr$instr, tr$class))) - 1
X <- tr[, paste0("Q", 1:12)]
turkiye <- list(scale = 5, counts = lapply(split(X, org), function(d) unname(t(sapply(d, function(v) tabulate(v, 5))))) |> unname(),
  result = rows_of(X, org, 5, c(1.34, .9, .44)))
g <- make(30, 1, 7, .5, 1.3)
rg <- rgr.agree(g$X[, 1], g$org, 30000)
random <- list(org = g$org, x = g$X[, 1], z = rg$zvalue, real = rg$AvGrpVar, random = rg$AvRGRVar, sd = rg$SDRGRVar)
write_oracle("agreement", list(cases = cases, turkiye = turkiye, random = random), "multilevel", seed)
