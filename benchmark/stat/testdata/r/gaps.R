source("testdata/r/common.R")
suppressMessages({library(survey); library(clubSandwich)})
seed <- 1998; set.seed(seed)
J <- 40; n <- sample(5:60, J, TRUE); x <- rbinom(J, n, plogis(rnorm(J, 0, .5) + c(rep(.8, 8), rep(0, 32)))); wc <- seq_len(J) <= 8
wilson <- function(p, n, z = qnorm(.975)) (p + z^2/(2*n) + c(-1, 1) * z * sqrt(p*(1-p)/n + z^2/(4*n^2))) / (1 + z^2/n)
column <- function(use, weight) {
  d <- data.frame(org = rep(seq_len(J), n), y = unlist(lapply(seq_len(J), function(j) rep(1:0, c(x[j], n[j] - x[j])))))
  d <- d[d$org %in% which(use), ]; d$w <- if (weight == "equal_organization") 1 / n[d$org] else if (weight == "capped") pmin(n[d$org], 50) / n[d$org] else 1
  m <- svymean(~y, svydesign(~org, weights = ~w, data = d)); p <- as.numeric(coef(m)); v <- as.numeric(vcov(m))
  list(p = p, v = v, n_star = p * (1 - p) / v * (qnorm(.975) / qt(.975, sum(use) - 1))^2, d = d)
}
newcombe <- function(a, b) { l <- wilson(a$p, a$n_star); m <- wilson(b$p, b$n_star); d <- a$p - b$p
  100 * c(d - sqrt((a$p - l[1])^2 + (m[2] - b$p)^2), d + sqrt((l[2] - a$p)^2 + (b$p - m[1])^2)) }
case <- function(weight) {
  a <- column(wc, weight); b <- column(!wc, weight); all <- column(rep(TRUE, J), weight)
  d <- rbind(cbind(a$d, g = 1), cbind(b$d, g = 0))
  if (weight == "equal_organization") { t <- t.test((x / n)[wc], (x / n)[!wc]); r <- list(ci = 100 * as.numeric(t$conf.int), p = t$p.value, df = as.numeric(t$parameter)) }
  if (weight == "equal_respondent") { ct <- coef_test(lm(y ~ g, d), vcov = "CR2", cluster = d$org, test = "Satterthwaite")[2, ]
    r <- list(ci = 100 * (ct$beta + c(-1, 1) * qt(.975, ct$df_Satt) * ct$SE), p = ct$p_Satt, df = ct$df_Satt) }
  if (weight == "capped") { s <- svyglm(y ~ g, svydesign(~org, weights = ~w, data = d)); b1 <- as.numeric(coef(s)[2]); se <- as.numeric(SE(s)[2])
    r <- list(ci = 100 * (b1 + c(-1, 1) * qt(.975, J - 1) * se), p = 2 * pt(-abs(b1 / se), J - 1), df = J - 1) }
  c(list(weighting = weight, points = 100 * (a$p - b$p), vs_all = 100 * (a$p - all$p), newcombe = newcombe(a, b)), r)
}
cases <- lapply(c("equal_organization", "equal_respondent", "capped"), case)
b <- column(!wc, "equal_organization"); p1 <- (x[1] + 1) / (n[1] + 2); se <- sqrt(p1 * (1 - p1) / n[1] + b$v); d <- x[1] / n[1] - b$p
one <- list(x = x[1], n = n[1], points = 100 * d, se = 100 * se, df = sum(!wc) - 1, p = 2 * pt(-abs(d / se), sum(!wc) - 1))
# Role gap and manager time.
nm <- sample(3:9, 16, TRUE); ns <- sample(4:40, 16, TRUE); xm <- rbinom(16, nm, .7); xs <- rbinom(16, ns, .5)
ok <- nm >= 5 & ns >= 5; dj <- 100 * (xm / nm - xs / ns)[ok]
tt <- t.test(dj); ww <- suppressWarnings(wilcox.test(dj, exact = FALSE, correct = TRUE))
role <- list(nm = nm, ns = ns, xm = xm, xs = xs, mean = mean(dj), ci = as.numeric(tt$conf.int), p_t = tt$p.value, p_signed_rank = ww$p.value, organizations = sum(ok), positive = mean(dj > 0))
org <- rep(0:11, sample(2:5, 12, TRUE)); enable <- sample(0:60, length(org), TRUE); account <- sample(0:40, length(org), TRUE)
l <- tapply(log((enable + .5) / (account + .5)), org, mean); lt <- t.test(l)
coach <- list(org = org, enabling = enable, accounting = account, log_ratio = mean(l), ci = as.numeric(lt$conf.int))
parts <- cbind(enable, account, 100 - enable - account)
des <- svydesign(~org, weights = ~1, data = data.frame(parts, org))
time <- lapply(c("enable", "account", "V3"), function(v) { m <- svymean(as.formula(paste0("~", v)), des); list(mean = as.numeric(coef(m)), ci = as.numeric(coef(m)) + c(-1, 1) * qt(.975, 11) * as.numeric(SE(m))) })
write_oracle("gaps", list(n = n, x = x, wc = wc, cases = cases, one = one, role = role, coach = coach, time = time), c("survey", "clubSandwich"), seed)
