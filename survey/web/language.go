package web

import "strings"

// languageNames are in the language itself, for whoever looks for it.
var languageNames = map[string]string{
	"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "pt": "Português", "nl": "Nederlands",
	"pl": "Polski", "tr": "Türkçe", "ar": "العربية", "he": "עברית", "fa": "فارسی", "ja": "日本語", "zh": "中文",
}

func languageName(tag string) string {
	base, _, _ := strings.Cut(tag, "-")
	if name, ok := languageNames[base]; ok {
		return name
	}
	return tag
}

// directionOf is the direction in which the language is written.
func directionOf(tag string) string {
	switch base, _, _ := strings.Cut(tag, "-"); base {
	case "ar", "he", "fa", "ur":
		return "rtl"
	}
	return "ltr"
}
