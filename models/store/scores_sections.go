package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"

	"sundial/models/scorecard"
)

// sectionSums keeps what sections earned as a short text: there are a hundred thousand of them, which are
// read for teams and written with every score. Before, they were JSON; what is left of it is read too.
type sectionSums []scorecard.SectionSum

// Value writes the text.
func (s sectionSums) Value() (driver.Value, error) { return scorecard.CompactSections(s), nil }

// Scan reads what Value wrote.
func (s *sectionSums) Scan(src any) (err error) {
	var text string
	switch src := src.(type) {
	case string:
		text = src
	case []byte:
		text = string(src)
	default:
		return fmt.Errorf("a text column holds %T", src)
	}
	if len(text) > 0 && text[0] == '[' {
		return json.Unmarshal([]byte(text), (*[]scorecard.SectionSum)(s))
	}
	*s, err = scorecard.ParseSections(text)
	return err
}

// GormDataType tells gorm that the column is text.
func (sectionSums) GormDataType() string { return "text" }
