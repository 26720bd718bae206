source("testdata/r/common.R")
suppressMessages({library(multilevel); library(lme4); library(clubSandwich); library(sandwich); library(survey)})
seed <- 70707; set.seed(seed)
anova_icc <- function(x, org) {
  org <- factor(org); n <- table(org); J <- length(n); N <- length(x)
  m <- aov(x ~ org); s <- summary(m)[[1]]
  msb <- s[1, "Mean Sq"]; msw <- s[2, "Mean Sq"]; n0 <- (N - sum(n^2) / N) / (J - 1)
  f <- msb / msw; FL <- f / qf(.975, J - 1, N - J); FU <- f * qf(.975, N - J, J - 1)
  list(icc1_n0 = (msb - msw) / (msb + (n0 - 1) * msw), icc1_mean_n = as.numeric(ICC1(m)), icc2 = as.numeric(ICC2(m)),
       icc1_n0_ci = c((FL - 1) / (FL + n0 - 1), (FU - 1) / (FU + n0 - 1)), icc2_ci = c(1 - 1 / FL, 1 - 1 / FU),
       n0 = n0, msb = msb, msw = msw, f = f, p_f = s[1, "Pr(>F)"])
}
reml <- function(x, org, REML = TRUE) {
  m <- lmer(x ~ 1 + (1 | org), REML = REML, control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-12)))
  v <- as.data.frame(VarCorr(m))$vcov
  list(tau2 = v[1], sigma2 = v[2], loglik = as.numeric(logLik(m)), mu = as.numeric(fixef(m)))
}
mean_oracle <- function(x, org) {
  m <- lm(x ~ 1)
  ct <- coef_test(m, vcov = "CR2", cluster = org, test = "Satterthwaite")
  des <- svydesign(~org, weights = ~1, data = data.frame(x, org))
  list(mean = mean(x), sd = sd(x), se_cr2 = ct$SE, df = ct$df_Satt, se_linearized = as.numeric(SE(svymean(~x, des))))
}
sets <- list()
add <- function(name, x, org) sets[[name]] <<- c(list(name = name, x = x, org = org), list(anova = anova_icc(x, org), reml = reml(x, org), ml = reml(x, org, FALSE), mean = mean_oracle(x, org)))
# Answers 1..7 of 25 unequal organizations with an organization effect.
J <- 25; nj <- sample(2:30, J, TRUE); org <- rep(seq_len(J) - 1, nj)
add("unequal", pmin(7, pmax(1, round(4.5 + rnorm(J, 0, .7)[org + 1] + rnorm(length(org), 0, 1.4)))), org)
# Equal organizations.
org <- rep(0:14, each = 8)
add("equal", pmin(7, pmax(1, round(4 + rnorm(15, 0, 1)[org + 1] + rnorm(120, 0, 1)))), org)
# No organization effect: ICC near or under zero.
org <- rep(0:19, each = 6)
add("none", rep(c(2, 3, 4, 5, 6, 4), 20) + round(rnorm(120, 0, .3)), org)
# Fractions, not whole numbers.
J <- 40; nj <- 1 + rnbinom(J, 2, .1); org <- rep(seq_len(J) - 1, nj)
add("fractions", plogis(rnorm(J, 0, .4)[org + 1] + rnorm(length(org))), org)

contrast <- function(name, y, g, org) {
  m <- lm(y ~ g)
  ct <- coef_test(m, vcov = "CR2", cluster = org, test = "Satterthwaite")[2, ]
  list(name = name, y = y, g = g, org = org, difference = as.numeric(coef(m)[2]), se_cr2 = ct$SE, df = ct$df_Satt, p = ct$p_Satt,
       se_cr1 = sqrt(vcovCL(m, cluster = org, type = "HC0", cadjust = TRUE)[2, 2]),
       se_cr1s = sqrt(vcovCL(m, cluster = org, type = "HC1", cadjust = TRUE)[2, 2]))
}
J <- 30; nj <- sample(3:40, J, TRUE); org <- rep(seq_len(J) - 1, nj)
y <- rbinom(length(org), 1, plogis(rnorm(J, 0, .6)[org + 1]))
contrasts <- list(
  contrast("whole organizations, 7 of 30", y, as.integer(org < 7), org),
  contrast("people, organizations split", y, rbinom(length(org), 1, .3), org),
  contrast("means", round(4 + rnorm(length(org)) + rnorm(J)[org + 1]), as.integer(org %% 3 == 0), org))
w <- round(rgamma(length(org), 3, 3) + .05, 4); g <- as.integer(org < 9)
des <- svydesign(~org, weights = ~w, data = data.frame(y, g, org, w))
s <- svyglm(y ~ g, des)
weighted <- list(y = y, g = g, org = org, w = w, difference = as.numeric(coef(s)[2]), se = as.numeric(SE(s)[2]))
a <- c(.41, .52, .61, .33, .72, .55, .49); b <- c(.2, .33, .41, .28, .5, .37, .31, .25, .44, .36, .30)
tt <- t.test(a, b)
welch <- list(a = a, b = b, se = tt$stderr, df = as.numeric(tt$parameter), t = as.numeric(tt$statistic), p = tt$p.value, ci = as.numeric(tt$conf.int))

tr <- read.csv("../../../shared/data/turkiye_student_evaluation.csv")
torg <- as.integer(factor(paste(tr$instr, tr$class))) - 1
turkiye <- lapply(c("Q1", "Q13", "Q28"), function(q) list(item = q,
  table = unclass(as.matrix(table(torg, tr[[q]]))) |> unname(),
  anova = anova_icc(tr[[q]], torg), reml = reml(tr[[q]], torg), mean = mean_oracle(tr[[q]], torg)))
write_oracle("clusters", list(sets = unname(sets), contrasts = contrasts, weighted = weighted, welch = welch, turkiye = turkiye),
  c("multilevel", "lme4", "clubSandwich", "sandwich", "survey"), seed)
