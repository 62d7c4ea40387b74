package store

import (
	"context"
	"database/sql/driver"
	"io"
	"strings"

	"modernc.org/sqlite"
)

// mostStatements a connection keeps prepared; the whole store has a few hundred.
const mostStatements = 512

// preparing opens SQLite connections that keep the statements they have prepared. The one writer
// otherwise parses every statement of every transaction again, which is a third of its time; gorm's own
// cache prepares anew within each transaction, and so does nothing for it.
type preparing struct{ dsn string }

func (p preparing) Driver() driver.Driver { return &sqlite.Driver{} }

func (p preparing) Connect(context.Context) (driver.Conn, error) {
	c, err := p.Driver().Open(p.dsn)
	if err != nil {
		return nil, err
	}
	return &preparedConn{liteConn: c.(liteConn), kept: map[string]*preparedStmt{}}, nil
}

// liteConn and liteStmt are as much of the driver as database/sql asks for.
type (
	liteConn interface {
		driver.Conn
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.QueryerContext
		driver.SessionResetter
		driver.Validator
		driver.Pinger
	}
	liteStmt interface {
		driver.StmtExecContext
		driver.StmtQueryContext
		io.Closer
	}
)

// preparedConn answers what was asked before with the statement that was prepared then. database/sql
// uses a connection from one goroutine at a time.
type preparedConn struct {
	liteConn
	kept map[string]*preparedStmt
}

type preparedStmt struct {
	liteStmt
	busy bool // its rows are still being read
}

// statement is the kept statement for a query; nil when the query has to go its own way.
func (c *preparedConn) statement(ctx context.Context, query string) (*preparedStmt, error) {
	if s, ok := c.kept[query]; ok {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if len(c.kept) >= mostStatements || !worthKeeping(query) {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &preparedStmt{liteStmt: made.(liteStmt)}
	c.kept[query] = s
	return s, nil
}

// worthKeeping leaves out what is asked once, scripts, and what grows with its arguments.
func worthKeeping(query string) bool {
	if len(query) > 8<<10 || strings.Contains(query, ";") {
		return false
	}
	for _, verb := range []string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} {
		if len(query) > len(verb) && strings.EqualFold(query[:len(verb)], verb) {
			return true
		}
	}
	return false
}

func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.liteConn.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.liteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &preparedRows{rows.(liteRows), s}, nil
}

func (c *preparedConn) Close() error {
	for _, s := range c.kept {
		_ = s.Close() // the connection closes in any case
	}
	clear(c.kept)
	return c.liteConn.Close()
}

type liteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// preparedRows give their statement back when they are closed.
type preparedRows struct {
	liteRows
	of *preparedStmt
}

func (r *preparedRows) Close() error {
	err := r.liteRows.Close()
	r.of.busy = false
	return err
}
