package demoidp

import "strconv"

func personID(i int) string { return "person-" + strconv.Itoa(i+1) }

func signInTitle(v signInView) string {
	if v.failed() {
		return "Error: Sign in - Sundial demo"
	}
	return "Sign in - Sundial demo"
}
