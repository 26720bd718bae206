source("testdata/r/common.R")
suppressMessages({library(survey)})
seed <- 20130; set.seed(seed)
conf <- .95
wilson <- function(p, n, z = qnorm(.975)) {
  c((p + z^2/(2*n) - z * sqrt(p*(1-p)/n + z^2/(4*n^2))) / (1 + z^2/n),
    (p + z^2/(2*n) + z * sqrt(p*(1-p)/n + z^2/(4*n^2))) / (1 + z^2/n))
}
counts <- data.frame(x = c(81, 0, 1, 20, 3, 412, 15, 999), n = c(263, 20, 29, 20, 7, 1000, 30, 1000))
plain <- lapply(seq_len(nrow(counts)), function(i) {
  x <- counts$x[i]; n <- counts$n[i]; z <- qnorm(.975)
  nt <- n + z^2; pt <- (x + z^2/2) / nt
  list(x = x, n = n,
    wilson = as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int),
    wilson90 = as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = .9))$conf.int),
    clopper = as.numeric(binom.test(x, n)$conf.int),
    agresti = c(max(0, pt - z * sqrt(pt*(1-pt)/nt)), min(1, pt + z * sqrt(pt*(1-pt)/nt))),
    jeffreys = c(if (x == 0) 0 else qbeta(.025, x + .5, n - x + .5), if (x == n) 1 else qbeta(.975, x + .5, n - x + .5)))
})

# Clustered: 24 organizations of unequal size, weights, three strata.
J <- 24
nj <- sample(4:60, J, replace = TRUE)
pj <- rbeta(J, .4 * 8, .6 * 8)
d <- data.frame(org = rep(seq_len(J) - 1, nj))
d$y <- rbinom(nrow(d), 1, pj[d$org + 1])
d$w <- round(rgamma(nrow(d), 3, 3) + .05, 4)
d$stratum <- d$org %% 3
case <- function(name, data, weights, strata = NULL) {
  data$ww <- weights
  des <- if (is.null(strata)) svydesign(~org, weights = ~ww, data = data)
         else svydesign(~org, strata = ~stratum, weights = ~ww, data = data)
  m <- svymean(~y, des, deff = "replace")
  v <- as.numeric(vcov(m)); p <- as.numeric(coef(m)); n <- nrow(data)
  df <- degf(des); t <- qt(.975, df); z <- qnorm(.975)
  raw <- p * (1 - p) / v
  logit <- as.numeric(attr(svyciprop(~y, des, method = "logit", df = df), "ci"))
  list(name = name, share = p, se = sqrt(v), deff_replace = as.numeric(survey::deff(m)), deff_n = v * n / (p * (1 - p)),
       n_eff_raw = raw, n_star = raw * (z / t)^2, ci = wilson(p, raw * (z / t)^2), df = df, logit = logit, n = n)
}
nk <- ave(rep(1, nrow(d)), d$org, FUN = sum)
cases <- list(
  case("equal_respondent", d, rep(1, nrow(d))),
  case("equal_organization", d, 1 / nk),
  case("capped", d, pmin(nk, 50) / nk),
  case("weighted", d, d$w),
  case("stratified", d, rep(1, nrow(d)), "stratum"),
  case("stratified_weighted", d, d$w, "stratum"))

# The course evaluations: organization := (instr, class), agree = 4-5 of 5.
tr <- read.csv("../../../shared/data/turkiye_student_evaluation.csv")
tr$org <- as.integer(factor(paste(tr$instr, tr$class))) - 1
turkiye <- lapply(c("Q1", "Q9", "Q17", "Q28"), function(q) {
  data <- data.frame(org = tr$org, y = as.integer(tr[[q]] >= 4))
  c(list(item = q, counts = as.matrix(aggregate(y ~ org, data, function(v) c(length(v), sum(v)))$y)),
    case("equal_respondent", data, rep(1, nrow(data))))
})
write_oracle("shares", list(plain = plain, rows = list(org = d$org, y = d$y, w = d$w, stratum = d$stratum), cases = cases,
  turkiye = turkiye), "survey", seed)
