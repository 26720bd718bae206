# KPI table and axis: quantile(type = 7), rank-based percentiles.
source("testdata/r/common.R")
set.seed(16)
J <- 24
wc <- rep(c(TRUE, FALSE, FALSE), 8)
x <- round(rlnorm(J, 3 + .3 * wc, .5), 2); x[c(5, 9)] <- NA
d <- round(rnorm(J, 60, 15)); d[c(2, 9, 10)] <- NA # days, lower is better
r <- round(runif(J), 2); r[c(9, 3)] <- NA
win <- function(x) { q <- quantile(x, c(.01, .99), na.rm = TRUE); pmin(pmax(x, q[1]), q[2]) }
column <- function(s) { v <- x[s]; v <- v[!is.na(v)]; q <- unname(quantile(v, c(.25, .5, .75))); c(q, mean(win(x)[s], na.rm = TRUE), length(v)) }
pct <- function(v) { ok <- !is.na(v); p <- rep(NA_real_, length(v)); p[ok] <- 100 * (rank(v[ok]) - .5) / sum(ok); p }
P <- cbind(pct(x), 100 - pct(d), pct(r))
axis <- ifelse(rowSums(!is.na(P)) * 2 >= 3, rowMeans(P, na.rm = TRUE), NA)
write_oracle("kpi", list(x = x, d = d, r = r, wc = I(wc), columns = list(wc = column(wc), rest = column(!wc), all = column(rep(TRUE, J))),
  axis = axis, cut = unname(quantile(axis, .75, na.rm = TRUE))), seed = 16)
