package survey

import (
	"encoding/json"
	"strings"
)

// Translations are the wordings of one text by language: a JSON object in one order,
// so that equal ones are equal. Empty: there are none.
type Translations string

// NewTranslations leaves out languages without a text.
func NewTranslations(texts map[string]string) Translations {
	kept := make(map[string]string, len(texts))
	for language, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			kept[language] = text
		}
	}
	if len(kept) == 0 {
		return ""
	}
	document, err := json.Marshal(kept)
	if err != nil {
		panic(err) // texts can be written
	}
	return Translations(document)
}

// All are the wordings by language. What can not be read is none.
func (t Translations) All() map[string]string {
	var texts map[string]string
	_ = json.Unmarshal([]byte(t), &texts)
	return texts
}
