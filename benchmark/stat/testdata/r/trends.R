# Two waves by survey::svyglm, slope over waves by clubSandwich, McNemar,
# prop.trend.test, Kendall.
source("testdata/r/common.R")
suppressMessages({library(survey); library(clubSandwich)})
set.seed(19)
J <- 24
rows <- do.call(rbind, lapply(1:J, function(j) do.call(rbind, lapply(0:3, function(w) {
  if ((j + w) %% 5 == 0) return(NULL)
  n <- 3 + rpois(1, 9); data.frame(org = j, wave = c(2020, 2021, 2023, 2024)[w + 1], y = rbinom(n, 1, plogis(-.2 + .12 * w + .5 * sin(j)))) }))))
cells <- aggregate(cbind(y, n = 1) ~ org + wave, cbind(rows, one = 1), length); cells$x <- aggregate(y ~ org + wave, rows, sum)$y; cells$n <- cells$y
m <- lm(y ~ wave, rows)
ct <- coef_test(m, vcov = vcovCR(m, cluster = rows$org, type = "CR2"), test = "Satterthwaite")[2, ]
two <- rows[rows$wave %in% c(2020, 2021), ]
s <- svydesign(~org, weights = ~1, data = two)
g <- svyglm(y ~ I(wave == 2021), s)
both <- intersect(two$org[two$wave == 2020], two$org[two$wave == 2021])
p <- function(w) sapply(both, function(j) mean(two$y[two$org == j & two$wave == w]))
tt <- t.test(p(2021), p(2020), paired = TRUE)
mc <- mcnemar.test(matrix(c(40, 31, 14, 60), 2), correct = FALSE)
pt <- prop.trend.test(c(40, 52, 61, 49), c(110, 120, 125, 90), c(0, 1, 3, 4))
v <- c(.41, .43, .43, .40, .47, .46, .50, .47, .52, .52); tm <- c(1:6, 8:11)
k <- cor.test(tm, v, method = "kendall", exact = FALSE, continuity = TRUE)
sl <- c(); for (i in 2:10) for (j in 1:(i - 1)) sl <- c(sl, (v[i] - v[j]) / (tm[i] - tm[j]))
write_oracle("trends", list(cells = cells[, c("org", "wave", "n", "x")], slope = unname(coef(m)[2]), se = ct$SE, df = ct$df_Satt, p = ct$p_Satt,
  two = list(change = unname(coef(g)[2]), se = unname(SE(g)[2])),
  same = list(change = unname(tt$estimate), lower = tt$conf.int[1], upper = tt$conf.int[2], p = tt$p.value),
  mcnemar = list(statistic = unname(mc$statistic), p = mc$p.value), mcnemar_exact = binom.test(4, 15)$p.value,
  trend = list(statistic = unname(pt$statistic), p = pt$p.value),
  kendall = list(times = tm, values = v, tau = unname(k$estimate), z = unname(k$statistic), p = k$p.value, slope = median(sl))), c("survey", "clubSandwich"), 19)
