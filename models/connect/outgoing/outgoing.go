// Package outgoing decides which addresses Sundial may call on somebody's request, and makes HTTP
// clients that cannot be talked into calling others: an address typed into a form must not reach the
// database's neighbours or a cloud's metadata service.
//
// It leaves what is said to the packages beside it, one for each peer.
package outgoing

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Policy is what the operator allows beyond the rule, which is: https, to public addresses. The zero
// Policy is the rule alone.
type Policy struct {
	hosts    []string // lower case, as they stand in addresses
	networks []netip.Prefix
}

// Parse reads a list of host names and networks: "hooks.internal, 10.20.0.0/16". What is listed may be
// called over plain http too.
func Parse(list string) (Policy, error) {
	var p Policy
	for _, entry := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if network, err := netip.ParsePrefix(entry); err == nil {
			p.networks = append(p.networks, network.Masked())
			continue
		}
		if ip, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
			ip = ip.Unmap()
			p.networks = append(p.networks, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		if !hostName(entry) {
			return Policy{}, fmt.Errorf("%q is neither a host name nor a network like 10.20.0.0/16", entry)
		}
		p.hosts = append(p.hosts, canonical(entry))
	}
	return p, nil
}

func hostName(s string) bool {
	return s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
	})
}

// canonical is a host name as it is compared: a final dot names the same host.
func canonical(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// Check says in a sentence why an address may not be called, "" when it may be tried. Which addresses
// its name leads to is known only when it is called, and is looked at then.
func (p Policy) Check(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "This is not an address like https://hooks.example.org/sundial."
	case u.Scheme != "https" && u.Scheme != "http":
		return "Only https addresses are called."
	case u.User != nil:
		return "An address carries no user name or password: it is shown to every administrator. The signature proves who sends."
	case u.Fragment != "":
		return "Leave out what follows the # sign: it is never sent."
	}
	ip, err := netip.ParseAddr(u.Hostname())
	isIP := err == nil
	listed := p.lists(u.Hostname()) || isIP && p.allows(ip)
	switch {
	case listed:
		return ""
	case u.Scheme == "http":
		return "Only https addresses are called. The operator may allow a host over http."
	case isIP && !Public(ip), local(u.Hostname()):
		return "This address is inside the network. The operator may allow it."
	case !isIP && !hostName(u.Hostname()):
		return "This host name cannot be called. Write it with the letters a to z, digits, dots and dashes."
	}
	return ""
}

func local(host string) bool {
	h := canonical(host)
	return h == "localhost" || strings.HasSuffix(h, ".localhost")
}

// lists reports whether the operator names the host.
func (p Policy) lists(host string) bool { return slices.Contains(p.hosts, canonical(host)) }

func (p Policy) allows(ip netip.Addr) bool {
	ip = ip.Unmap()
	return slices.ContainsFunc(p.networks, func(n netip.Prefix) bool { return n.Contains(ip) })
}

// errInside is why a connection is refused after its name was resolved.
var errInside = errors.New("the name leads to an address inside the network")

// may decides about one connection: to this address, on behalf of this host name.
func (p Policy) may(host string, ip netip.Addr) error {
	if p.lists(host) || p.allows(ip) || Public(ip) {
		return nil
	}
	return errInside
}

// special are networks that are no public addresses though nothing in them is called private: shared
// and test networks, and those that carry an IPv4 address inside, which could be anything.
var special = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
	"3fff::/20", "5f00::/16", "fec0::/10")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public reports whether an address belongs to the internet at large.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsValid() && ip.IsGlobalUnicast() && !ip.IsPrivate() &&
		!slices.ContainsFunc(special, func(n netip.Prefix) bool { return n.Contains(ip) })
}
