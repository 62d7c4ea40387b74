package store

import (
	"reflect"
	"strings"
	"sync"

	"gorm.io/gorm/schema"
)

var (
	columnLists sync.Map // of table alias and row type, to the text
	parsedRows  sync.Map // gorm's own cache of what it found out about row types
)

type columnKey struct {
	alias string
	row   reflect.Type
}

// columnsOf lists the columns of a row for a query that joins several tables: "m.slug AS m_slug, ...".
// A struct that embeds the row under the prefix "m_" scans them.
func columnsOf(alias string, row any) string {
	key := columnKey{alias, reflect.TypeOf(row)}
	if kept, ok := columnLists.Load(key); ok {
		return kept.(string)
	}
	parsed, err := schema.Parse(row, &parsedRows, schema.NamingStrategy{})
	if err != nil {
		panic("store: " + err.Error()) // a row type is a fact of this package
	}
	names := make([]string, 0, len(parsed.DBNames))
	for _, name := range parsed.DBNames {
		names = append(names, alias+"."+name+" AS "+alias+"_"+name)
	}
	list := strings.Join(names, ", ")
	columnLists.Store(key, list)
	return list
}
