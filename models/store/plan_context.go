package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"sundial/models/day"
	"sundial/models/lifecycle"
	"sundial/models/org"
	"sundial/models/registry"
	"sundial/models/retirement"
	"sundial/models/vendors"
)

// PlanContext reads the world around a plan as somebody is about to save it, so that a form can be
// checked against the candidate and the people it names rather than those of what is kept.
func (s *Store) PlanContext(ctx context.Context, m registry.Model, body retirement.Body, p lifecycle.Policy) (retirement.Context, error) {
	world, err := s.worldOf(s.read.WithContext(ctx), []planned{{m, body}}, nil)
	if err != nil {
		return retirement.Context{}, err
	}
	return world.toCome(m, body, p), nil
}

// planContext reads what a plan's rules want to know of the world; hands are people to know besides
// those whom the plan and the model name.
func (s *Store) planContext(q *gorm.DB, m registry.Model, body retirement.Body, hands []int64, p lifecycle.Policy) (retirement.Context, error) {
	world, err := s.worldOf(q, []planned{{m, body}}, hands)
	if err != nil {
		return retirement.Context{}, err
	}
	return world.context(m, body, p), nil
}

// hands are the people who wrote and decided a plan.
func hands(p *retirement.Plan) []int64 {
	if p == nil {
		return nil
	}
	return append(slices.Clone(p.EditorIDs), p.AuthorID, p.SubmittedBy, p.ReviewedBy, p.ApprovedBy, p.ConfirmedBy)
}

// planned is a model with what a plan says about its end.
type planned struct {
	model registry.Model
	body  retirement.Body
}

// planWorld is what the rules of some plans ask about the world, read in as many queries for a page of
// plans as for one.
type planWorld struct {
	today    day.Day
	people   map[int64]org.Person
	models   map[string]modelRow
	versions map[candidateVersion]versionRow
	vendors  map[vendorKey]vendorRow
	ends     map[int64]ending // of the vendor's models behind a model, by the model
	medians  map[int64]int    // of past cutovers in days, by the team
}

type (
	candidateVersion struct {
		model int64
		label string
	}
	vendorKey struct{ host, id string }
)

func (s *Store) worldOf(q *gorm.DB, plans []planned, hands []int64) (planWorld, error) {
	people, err := peopleByID(q, namedIn(plans, hands))
	if err != nil {
		return planWorld{}, err
	}
	return s.worldAround(q, plans, people)
}

// worldAround is worldOf for who knows the people already.
func (s *Store) worldAround(q *gorm.DB, plans []planned, people map[int64]org.Person) (planWorld, error) {
	w := planWorld{today: day.Of(s.Now()), people: people}
	for _, read := range []func() error{
		func() (err error) { w.models, err = candidateModels(q, plans); return },
		func() (err error) { w.versions, err = candidateVersions(q, plans, w.models); return },
		func() (err error) { w.vendors, err = candidateVendors(q, plans, w.versions); return },
		func() (err error) { w.ends, err = vendorEnds(q, plans); return },
		func() (err error) { w.medians, err = s.cutoverMedians(q); return },
	} {
		if err := read(); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w planWorld) context(m registry.Model, body retirement.Body, p lifecycle.Policy) retirement.Context {
	return retirement.Context{
		Model: m, Candidate: w.candidate(m, body.Candidate), People: w.people, VendorEnd: w.ends[m.ID].serving,
		Depth: p.PlanDepth(), ReviewDays: p.ReviewDays, CutoverMedianDays: w.medians[m.TeamID],
	}
}

// toCome is context for a plan that is still being written or reviewed. It is about the newest version:
// who moves off a vendor's model that ends soon files for the life on its successor.
func (w planWorld) toCome(m registry.Model, body retirement.Body, p lifecycle.Policy) retirement.Context {
	c, e := w.context(m, body, p), w.ends[m.ID]
	c.VendorEnd, c.Candidate.BuiltOn = e.newest, builtOn(body.Candidate, e.host, e.vendorModel)
	return c
}

// builtOn reports whether a candidate is the vendor's model that a version calls already.
func builtOn(c retirement.Candidate, host, id string) bool {
	return c.VendorID != "" && id != "" && keyOf(c.Host, c.VendorID) == keyOf(host, id)
}

func namedIn(plans []planned, hands []int64) []int64 {
	ids := slices.Clone(hands)
	for _, x := range plans {
		named := x.body.People
		ids = append(ids, x.model.OwnerID, x.model.DeputyID, named.Owner, named.CutoverLead, named.DataSteward, named.Deputy)
	}
	return ids
}

func candidateModels(q *gorm.DB, plans []planned) (map[string]modelRow, error) {
	var slugs []string
	for _, x := range plans {
		if slug := x.body.Candidate.Model; slug != "" {
			slugs = append(slugs, slug)
		}
	}
	out := map[string]modelRow{}
	if len(slugs) == 0 {
		return out, nil
	}
	var rows []modelRow
	if err := q.Select("id, slug, name, stage").Where("slug IN ?", slugs).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("candidates: %w", err)
	}
	for _, r := range rows {
		out[r.Slug] = r
	}
	return out, nil
}

func candidateVersions(q *gorm.DB, plans []planned, models map[string]modelRow) (map[candidateVersion]versionRow, error) {
	var ids []int64
	var labels []string
	for _, x := range plans {
		if m, known := models[x.body.Candidate.Model]; known && x.body.Candidate.Version != "" {
			ids, labels = append(ids, m.ID), append(labels, x.body.Candidate.Version)
		}
	}
	out := map[candidateVersion]versionRow{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []versionRow
	err := q.Select("model_id, label, stage, vendor_host, vendor_model").
		Where("model_id IN ? AND label IN ?", ids, labels).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("candidates' versions: %w", err)
	}
	for _, r := range rows {
		out[candidateVersion{r.ModelID, r.Label}] = r
	}
	return out, nil
}

// candidateVendors looks up the vendor models that candidates are, or are built on.
func candidateVendors(q *gorm.DB, plans []planned, versions map[candidateVersion]versionRow) (map[vendorKey]vendorRow, error) {
	var keys []vendorKey
	add := func(host, id string) {
		if host != "" && id != "" {
			keys = append(keys, keyOf(host, id))
		}
	}
	for _, x := range plans {
		add(x.body.Candidate.Host, x.body.Candidate.VendorID)
	}
	for _, v := range versions {
		add(v.VendorHost, v.VendorModel)
	}
	return vendorRows(q, keys)
}

// ending is when the vendor's models behind a model end, by the catalogue: that of the version in
// production (else of the newest live one), and that of the newest live version, which names its vendor's
// model as well.
type ending struct {
	serving, newest   day.Day
	host, vendorModel string

	what, successor string // the vendor's model whose end serving is, and what the vendor names after it
	revision        int64  // of its row in the catalogue
	changed         int64
}

// vendorEnds reads the endings of the GenAI models among those planned.
func vendorEnds(q *gorm.DB, plans []planned) (map[int64]ending, error) {
	var ids []int64
	for _, x := range plans {
		if x.model.Kind == registry.GenAI {
			ids = append(ids, x.model.ID)
		}
	}
	out := map[int64]ending{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		ModelID, Place, Newest             int64
		EndOfLife, VendorHost, VendorModel string
		Successor                          string
		Revision, UpdatedAt                int64
	}
	err := q.Raw(`SELECT * FROM (
		SELECT v.model_id, v.vendor_host, v.vendor_model, COALESCE(c.end_of_life, '') AS end_of_life,
			COALESCE(c.successor, '') AS successor, COALESCE(c.revision, 0) AS revision, COALESCE(c.updated_at, 0) AS updated_at,
			ROW_NUMBER() OVER (PARTITION BY v.model_id ORDER BY CASE v.stage WHEN 'production' THEN 0 ELSE 1 END, v.id DESC) AS place,
			ROW_NUMBER() OVER (PARTITION BY v.model_id ORDER BY v.id DESC) AS newest
		FROM versions v LEFT JOIN vendor_uses u ON u.host = v.vendor_host AND u.model_id = v.vendor_model
		LEFT JOIN vendor_models c ON c.host = u.catalogue_host AND c.key = u.key
		WHERE v.model_id IN ? AND v.stage <> 'retired') AS ends WHERE place = 1 OR newest = 1`, ids).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("vendor ends: %w", err)
	}
	for _, r := range rows {
		e := out[r.ModelID]
		if r.Place == 1 {
			e.serving, e.what, e.successor = day.Day(r.EndOfLife), r.VendorHost+"/"+r.VendorModel, r.Successor
			e.revision, e.changed = r.Revision, r.UpdatedAt
		}
		if r.Newest == 1 {
			e.newest, e.host, e.vendorModel = day.Day(r.EndOfLife), r.VendorHost, r.VendorModel
		}
		out[r.ModelID] = e
	}
	return out, nil
}

func (w planWorld) candidate(m registry.Model, c retirement.Candidate) retirement.CandidateFact {
	if c.Host != "" || c.VendorID != "" {
		return w.vendorCandidate(c)
	}
	other, known := w.models[c.Model]
	if !known {
		return retirement.CandidateFact{Label: c.Label()}
	}
	retired := other.Stage == string(registry.Retired)
	fact := retirement.CandidateFact{Found: true, SameModel: other.ID == m.ID, Label: other.Name, Retired: retired, Alive: !retired}
	if c.Version == "" {
		return fact
	}
	version, known := w.versions[candidateVersion{other.ID, c.Version}]
	if !known {
		return retirement.CandidateFact{Label: c.Label(), SameModel: fact.SameModel}
	}
	return w.versionCandidate(fact, version)
}

func (w planWorld) versionCandidate(fact retirement.CandidateFact, v versionRow) retirement.CandidateFact {
	fact.Label += " " + v.Label
	fact.Retired = v.Stage == string(registry.Retired)
	fact.Alive = !fact.Retired
	if v.VendorHost == "" {
		return fact
	}
	vendor := w.vendor(v.VendorHost, v.VendorModel)
	fact.Floating = !vendors.MayServe(vendor.Verdict.Class, 3, false)
	fact.Alive = fact.Alive && !w.ended(vendor.Entry)
	return fact
}

func (w planWorld) vendorCandidate(c retirement.Candidate) retirement.CandidateFact {
	v := w.vendor(c.Host, c.VendorID)
	ended := w.ended(v.Entry)
	return retirement.CandidateFact{
		Found:    v.Known || v.Verdict.Class != vendors.Undetermined,
		Floating: !vendors.MayServe(v.Verdict.Class, 3, false),
		Retired:  ended, Alive: !ended, Label: c.VendorID + " on " + c.Host,
	}
}

func (w planWorld) vendor(host, id string) lifecycle.VendorFact {
	row, known := w.vendors[keyOf(host, id)]
	return vendorFactOf(host, id, row, known)
}

// ended reports whether the vendor's end date is known and has come.
func (w planWorld) ended(e vendors.Entry) bool {
	known, alive := vendors.Alive(e, w.today)
	return known && !alive
}
