package e2e

import "testing"

func TestADemoPersonSignsIn(t *testing.T) {
	t.Parallel()
	demo := startDemo(t)
	both(t, func(t *testing.T, v view) {
		v.Base = demo.URL
		p := newPage(t, v)
		p.visit("/login")
		axe(t, p)
		signIn(t, p, "Mira Meridian")
		p.sees("Mira Meridian")
		axe(t, p)
		name := "signed-in"
		if !v.JS {
			name += "-plain"
		}
		shot(t, p, name)
	})
}
