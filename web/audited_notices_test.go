package web_test

import (
	"fmt"
	"testing"

	"sundial/models/notice"
	"sundial/models/store"
	"sundial/models/store/storetest"
	"sundial/web/webtest"
)

// noticeDeeds are samples of what is done about mail.
var noticeDeeds = map[string]func(t *testing.T, s *webtest.Site, do press){
	"POST /account/notices": func(t *testing.T, s *webtest.Site, do press) {
		submit(s.As(s.Viewer), "/account/notices", do, "mine.stage", "never")
	},
	"POST /account/notices/test": func(t *testing.T, s *webtest.Site, do press) { do(s.As(s.Viewer), "/account/notices/test") },
	"POST /admin/letters/:letter/resend": func(t *testing.T, s *webtest.Site, do press) {
		storetest.Post(t, s.Store, notice.Letter{Key: "k1", Kind: notice.ConsumerAnnouncement, To: "checkout@example.test",
			Payload: notice.ConsumerLetter{Consumer: "Checkout", Model: "Fraud scorer"}})
		l, _, err := s.Store.ClaimLetter(t.Context())
		check(t, err)
		check(t, s.Store.SettleLetter(t.Context(), l, notice.MailAnswer{Outcome: notice.Refused, Sentence: "No such user."}, 0))
		list, err := s.Store.Letters(t.Context(), store.LetterFilter{}, "", 1)
		check(t, err)
		do(s.As(s.Admin), fmt.Sprintf("/admin/letters/%d/resend", list.Rows[0].ID))
	},
}
