# Reference values for the analysis of the course evaluations of
# UCI data set 262 (Gunduz and Fokoue 2013, CC BY 4.0).
#   Rscript turkiye.R turkiye_student_evaluation.csv > ../turkiye.json
suppressPackageStartupMessages({
  library(survey); library(psych); library(multilevel); library(lme4); library(clubSandwich); library(jsonlite)
})
d <- read.csv(commandArgs(TRUE)[1])
items <- paste0("Q", 1:28)
d$org <- interaction(d$instr, d$class, drop = TRUE)
X <- as.matrix(d[items])
top <- as.data.frame((X >= 4) * 1)
J <- nlevels(d$org)
z <- qnorm(.975)

wilson <- function(p, n) {
  c <- (p + z^2 / (2 * n)) / (1 + z^2 / n)
  h <- z * sqrt(p * (1 - p) / n + z^2 / (4 * n^2)) / (1 + z^2 / n)
  c(c - h, c + h)
}
item <- function(k) {
  des <- svydesign(ids = ~org, data = data.frame(org = d$org, x = X[, k], y = top[[k]]), weights = ~1)
  m <- svymean(~x, des); s <- svymean(~y, des, deff = "replace")
  p <- as.numeric(coef(s)); v <- as.numeric(vcov(s)); n <- nrow(d)
  nstar <- p * (1 - p) / v * (z / qt(.975, J - 1))^2
  cr2 <- coef_test(lm(X[, k] ~ 1), vcov = "CR2", cluster = d$org, test = "Satterthwaite")
  a <- aov(x ~ g, data.frame(x = X[, k], g = d$org))
  list(item = colnames(X)[k], n = n, counts = as.integer(table(factor(X[, k], 1:5))),
       mean = mean(X[, k]), sd = sd(X[, k]), median = median(X[, k]), se_mean = as.numeric(SE(m)),
       se_mean_cr2 = cr2$SE, df_satterthwaite = cr2$df_Satt,
       mean_ci = mean(X[, k]) + c(-1, 1) * qt(.975, cr2$df_Satt) * cr2$SE,
       mean_ci_linearized = mean(X[, k]) + c(-1, 1) * qt(.975, J - 1) * as.numeric(SE(m)),
       top_share = p, se_linearized = sqrt(v), deff_replace = as.numeric(deff(s)),
       n_eff_raw = p * (1 - p) / v, top_share_ci = wilson(p, nstar),
       top_share_ci_logit_t = as.numeric(confint(svyciprop(~y, des, method = "logit", df = J - 1))),
       icc1_mean_n = ICC1(a), icc2 = ICC2(a))
}
al <- psych::alpha(X, check.keys = FALSE, warnings = FALSE)
fa <- factanal(X, factors = 1)
l <- fa$loadings[, 1]
score <- rowMeans(X)
a <- aov(s ~ g, data.frame(s = score, g = d$org))
ms <- summary(a)[[1]][["Mean Sq"]]
nj <- as.numeric(table(d$org)); n0 <- (nrow(d) - sum(nj^2) / nrow(d)) / (J - 1)
reml <- lmer(s ~ 1 + (1 | g), data.frame(s = score, g = d$org), REML = TRUE)
vc <- as.data.frame(VarCorr(reml))$vcov
uniform <- rwg.j(X, d$org, ranvar = 2); skew <- rwg.j(X, d$org, ranvar = 1.34)
star <- rwg.j.lindell(X, d$org, ranvar = 2)
adm <- ad.m(X, d$org, "mean")
longest <- apply(X, 1, function(r) max(rle(r)$lengths))
out <- list(
  made_with = list(r = R.version.string, survey = as.character(packageVersion("survey")), psych = as.character(packageVersion("psych")),
    multilevel = as.character(packageVersion("multilevel")), lme4 = as.character(packageVersion("lme4")), clubSandwich = as.character(packageVersion("clubSandwich"))),
  items = lapply(seq_along(items), item),
  scale = list(alpha_listwise = al$total$raw_alpha, alpha_std_listwise = al$total$std.alpha,
    item_total_corrected = as.numeric(al$item.stats$r.drop), alpha_if_deleted = as.numeric(al$alpha.drop$raw_alpha),
    omega_total = sum(l)^2 / (sum(l)^2 + sum(1 - l^2)), ave = mean(l^2)),
  aggregation = list(icc1_n0 = (ms[1] - ms[2]) / (ms[1] + (n0 - 1) * ms[2]), icc1_mean_n = ICC1(a), icc2 = ICC2(a),
    n0 = n0, msb = ms[1], msw = ms[2], f = ms[1] / ms[2], tau2_reml = vc[1], sigma2_reml = vc[2], loglik_reml = as.numeric(logLik(reml))),
  organizations = data.frame(organization = sub(".", " / ", as.character(uniform$grpid), fixed = TRUE), n = uniform$gsize,
    rwgj_uniform = uniform$rwg.j, rwgj_slight_skew = skew$rwg.j, rwg_star_j_uniform = star$rwg.lindell, ad_mean = adm$AD.M),
  quality = list(straight_line_all = sum(longest == 28), longstring_14 = sum(longest >= 14), longstring_mean = mean(longest)))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
