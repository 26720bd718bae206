# Detectable gap by power.prop.test inverted at the pooled share (deff = 1), and
# cor.test.
source("testdata/r/common.R")
z <- qnorm(.975) + qnorm(.8)
gap <- z * sqrt(.5 * .5 * (2 / 400))
power <- power.prop.test(n = 400, p1 = .5 - gap / 2, p2 = .5 + gap / 2)$power
x <- c(.41, .52, .47, .6, .55, .39, .48, .66, .5, .58, .44, .61); y <- c(.3, .5, .35, .6, .7, .2, .6, .8, .4, .5, .45, .55)
ct <- cor.test(x, y)
write_oracle("plan", list(gap = gap, power = power, x = x, y = y, r = unname(ct$estimate), lower = ct$conf.int[1], upper = ct$conf.int[2], p = ct$p.value))
