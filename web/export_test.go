package web

import "github.com/labstack/echo/v4"

// Mount adds a route that only a test needs.
func (s *Server) Mount(path string, h echo.HandlerFunc) {
	before := len(s.table.list)
	s.table.GET(path, h, public)
	s.table.POST(path, h, public)
	all, calls := s.table.list, s.table.calls
	s.table.list, s.table.calls = all[before:], nil
	s.mount()
	s.table.list, s.table.calls = all, calls
}
