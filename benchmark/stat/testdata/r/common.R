# Shared by all scripts: run from benchmark/stat as
#   Rscript testdata/r/NAME.R
# Each writes testdata/NAME.json with the inputs, the results and a header that
# names R, the packages and the seed. Numbers are written with 17 digits.
suppressMessages(library(jsonlite))
full_digits <- function(v) { # jsonlite stops at 15 digits
  if (is.list(v)) { v[] <- lapply(v, full_digits); return(v) }
  if (!is.numeric(v)) return(v)
  out <- ifelse(is.finite(v), sprintf("@%.17g@", v), NA_character_)
  dim(out) <- dim(v)
  names(out) <- names(v)
  if (inherits(v, "AsIs")) I(out) else out
}
write_oracle <- function(name, content, packages = character(), seed = NULL) {
  versions <- vapply(packages, function(p) as.character(packageVersion(p)), "")
  header <- list(script = paste0("testdata/r/", name, ".R"), r = R.version.string,
                 packages = as.list(versions), seed = seed)
  text <- toJSON(c(list(header = header), full_digits(content)), auto_unbox = TRUE, na = "null", null = "null")
  writeLines(gsub('"@([^"@]*)@"', "\\1", text), file.path("testdata", paste0(name, ".json")))
}
