# Writes reference.json: what R's own implementations make of public series, for seasonal-model.test.ts.
# Rscript reference.R > reference.json  (R 4.2.2, package forecast 8.20: Debian's r-cran-forecast)
suppressMessages(library(forecast))
list_of <- function(x) paste0("[", paste(format(as.numeric(x), digits = 12, trim = TRUE, scientific = FALSE), collapse = ", "), "]")
entry <- function(name, x) {
  x <- as.numeric(x)
  sprintf('    "%s": %s', name, if (length(x) == 1) format(x, digits = 12) else list_of(x))
}
section <- function(name, entries) sprintf('  "%s": {\n%s\n  }', name, paste(entries, collapse = ",\n"))

hw <- HoltWinters(AirPassengers, seasonal = "multiplicative")
decomposed <- decompose(ts(AirPassengers[1:24], start = start(AirPassengers), frequency = 12), "multiplicative")
trend <- na.omit(decomposed$trend)
line <- coef(lm(trend ~ seq_along(trend)))
air <- c(
  entry("values", AirPassengers), entry("alpha", hw$alpha), entry("beta", hw$beta), entry("gamma", hw$gamma),
  entry("startLevel", line[1]), entry("startTrend", line[2]), entry("startSeason", decomposed$figure),
  entry("fitted", hw$fitted[, "xhat"]), entry("forecast", predict(hw, 24)), entry("squares", hw$SSE)
)

weeks <- 8
y <- msts(taylor[1:(weeks * 336)], c(48, 336))
found <- dshw(y, alpha = 0.1, beta = 0.01, gamma = 0.15, omega = 0.2, phi = 0.6, h = 336)
demand <- c(
  entry("count", length(y)), entry("level", found$model$l0), entry("trend", found$model$b0),
  entry("short", head(found$model$s20, 48)), entry("long", found$model$s10),
  entry("forecast", found$mean), entry("lastFitted", tail(found$fitted, 96)), entry("meanSquare", found$model$mse)
)
cat("{\n", section("airPassengers", air), ",\n", section("taylor", demand), "\n}\n", sep = "")
