package link

// Webhooks are the addresses that are told what happens, and NewWebhook adds one.
func Webhooks() string   { return "/admin/webhooks" }
func NewWebhook() string { return "/admin/webhooks/new" }

// Webhook is one of them with its log.
func Webhook(n int64) string { return path("admin", "webhooks", id(n)) }

// WebhookLog is its log in one state.
func WebhookLog(n int64, state, after string) string {
	return With(Webhook(n), "state", state, "after", after)
}

// WebhookAct is a verb on it: edit, pause, resume, test, rotate, delete.
func WebhookAct(n int64, verb string) string { return path("admin", "webhooks", id(n), verb) }

// WebhookDelivery is one message of its log.
func WebhookDelivery(n, delivery int64) string {
	return path("admin", "webhooks", id(n), "deliveries", id(delivery))
}

// WebhookResend sends it again.
func WebhookResend(n, delivery int64) string {
	return path("admin", "webhooks", id(n), "deliveries", id(delivery), "resend")
}
