source("testdata/r/common.R")
suppressMessages(library(psych))
seed <- 271828; set.seed(seed)
scale_oracle <- function(X, name) {
  X <- as.data.frame(X); L <- na.omit(X); n <- nrow(L); K <- ncol(L)
  a <- suppressWarnings(alpha(L, check.keys = FALSE, warnings = FALSE)); p <- suppressWarnings(alpha(X, check.keys = FALSE, warnings = FALSE))
  raw <- a$total$raw_alpha
  f <- if (K >= 3) factanal(L, 1, control = list(opt = list(factr = 1, pgtol = 0, maxit = 10000))) else NULL
  l <- if (K >= 3) as.numeric(f$loadings) else NULL
  if (!is.null(l) && sum(l) < 0) l <- -l
  df1 <- n - 1; df2 <- (n - 1) * (K - 1)
  fe <- tryCatch(as.numeric(unlist(alpha.ci(raw, n.obs = n, n.var = K)[c("lower.ci", "upper.ci")])), error = function(e) NULL)
  list(name = name, n = n, alpha = raw, alpha_pairwise = p$total$raw_alpha, alpha_std = a$total$std.alpha,
    feldt = c(1 - (1 - raw) * qf(.975, df1, df2), 1 - (1 - raw) * qf(.025, df1, df2)), feldt_psych = fe,
    item_total = I(a$item.stats$r.drop), if_deleted = if (K > 2) I(a$alpha.drop$raw_alpha) else NULL, mean = I(as.numeric(colMeans(L))), sd = I(as.numeric(sapply(L, sd))),
    loadings = l, omega = if (is.null(l)) NULL else sum(l)^2 / (sum(l)^2 + sum(1 - l^2)), ave = if (is.null(l)) NULL else mean(l^2))
}
make <- function(n, K, A, b, missing = 0) {
  f <- rnorm(n); X <- sapply(seq_len(K), function(k) pmin(A, pmax(1, round((A + 1) / 2 + b[k] * f + rnorm(n)))))
  X[sample(length(X), round(missing * length(X)))] <- NA
  X
}
specs <- list(list("five items", make(150, 5, 7, c(1, .9, .7, 1.2, .5))), list("holes", make(220, 7, 5, c(1, .8, .3, .6, .9, 1.1, .4), .06)),
  list("a reversed item left in", { X <- make(120, 4, 7, c(1, 1, .8, 1)); X[, 3] <- 8 - X[, 3]; X }), list("two items", make(90, 2, 5, c(1, .8))),
  list("twelve items", make(300, 12, 7, seq(.3, 1.4, .1))))
cases <- lapply(specs, function(s) c(scale_oracle(s[[2]], s[[1]]), list(columns = lapply(seq_len(ncol(s[[2]])), function(k) I({ v <- s[[2]][, k]; v[is.na(v)] <- 0; v })))))
tr <- read.csv("../../../shared/data/turkiye_student_evaluation.csv")
turkiye <- lapply(list(1:12, 13:28), function(q) c(list(items = q), scale_oracle(tr[, paste0("Q", q)], paste0("Q", min(q), "-Q", max(q)))))
write_oracle("reliability", list(cases = cases, turkiye = turkiye), "psych", seed)
