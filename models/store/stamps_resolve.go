package store

import (
	"context"
	"fmt"
	"sync"

	"sundial/models/registry"
	"sundial/models/telemetry"
)

// stampNames remembers which version a stamp names. A version's model, label and id never change, so
// what was found once stays true in every process; its stage and prompts are read anew each time.
type stampNames struct {
	mu       sync.Mutex
	versions map[stampName]versionRef
	models   map[string]int64 // of models with versions: their short names are fixed
	prompts  map[int64]promptsAt

	seq    int64 // of the audit trail, as of which states are true: no version changes without an event
	states map[int64]versionState
}

type stampName struct{ model, label string }

type versionRef struct{ model, version int64 }

// promptsAt are the hashes of a version's prompts as of a revision.
type promptsAt struct {
	revision int64
	hashes   []string
}

const mostNames = 200_000

func (n *stampNames) add(fill func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.versions == nil || len(n.versions) > mostNames || len(n.models) > mostNames || len(n.prompts) > mostNames {
		n.states = nil
		n.versions, n.models, n.prompts = map[stampName]versionRef{}, map[string]int64{}, map[int64]promptsAt{}
	}
	fill()
}

// versionState is what of a version may change.
type versionState struct {
	ID       int64
	Stage    string
	Revision int64
}

// resolveStamps finds the model and version of every count.
func (s *Store) resolveStamps(ctx context.Context, counts []telemetry.Count) ([]stampRow, error) {
	refs, models, err := s.namedBy(ctx, counts)
	if err != nil {
		return nil, err
	}
	states, err := s.versionStates(ctx, refs)
	if err != nil {
		return nil, err
	}
	prompts, err := s.promptsOf(ctx, counts, refs, states)
	if err != nil {
		return nil, err
	}
	rows := make([]stampRow, 0, len(counts))
	for _, c := range counts {
		st := c.Stamp
		r := stampRow{model: models[st.Model], bucket: c.Bucket, app: c.App, prompt: st.Prompt, requested: c.Requested, served: c.Served, n: c.N}
		ref, found := refs[stampName{st.Model, st.Version}]
		state, lives := states[ref.version]
		if found && lives {
			r.version, r.label = ref.version, st.Model+"@"+st.Version
			r.known = st.Names(prompts[ref.version])
			r.zombie = registry.Stage(state.Stage) == registry.Retired
		}
		if !r.known && (st.Version != "" || r.model == 0) {
			r.stamp = st.String()
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// namedBy finds the ids of all versions and models that are named, from memory where they are known.
func (s *Store) namedBy(ctx context.Context, counts []telemetry.Count) (map[stampName]versionRef, map[string]int64, error) {
	refs, models := map[stampName]versionRef{}, map[string]int64{}
	missing, slugs := map[stampName]bool{}, map[string]bool{}
	s.names.mu.Lock()
	for _, c := range counts {
		name := stampName{c.Stamp.Model, c.Stamp.Version}
		if ref, known := s.names.versions[name]; known {
			refs[name], models[name.model] = ref, ref.model
			continue
		}
		if id, known := s.names.models[name.model]; known {
			models[name.model] = id
		} else {
			slugs[name.model] = true
		}
		if name.label != "" {
			missing[name] = true
		}
	}
	s.names.mu.Unlock()
	for name := range slugs {
		if _, found := models[name]; found {
			delete(slugs, name)
		}
	}
	if err := s.findModels(ctx, slugs, models); err != nil {
		return nil, nil, err
	}
	return refs, models, s.findVersions(ctx, missing, models, refs)
}

func (s *Store) findModels(ctx context.Context, slugs map[string]bool, models map[string]int64) error {
	return inChunks(keysOf(slugs), func(chunk []string) error {
		var rows []struct {
			ID   int64
			Slug string
		}
		if err := s.read.WithContext(ctx).Table("models").Select("id, slug").Where("slug IN ?", chunk).Scan(&rows).Error; err != nil {
			return fmt.Errorf("models of stamps: %w", err)
		}
		for _, r := range rows {
			models[r.Slug] = r.ID
		}
		return nil
	})
}

func (s *Store) findVersions(ctx context.Context, missing map[stampName]bool, models map[string]int64, refs map[stampName]versionRef) error {
	slugOf := map[int64]string{}
	ids, labels := map[int64]bool{}, map[string]bool{}
	for name := range missing {
		if id := models[name.model]; id != 0 {
			slugOf[id], ids[id], labels[name.label] = name.model, true, true
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return inChunks(keysOf(ids), func(models []int64) error {
		return inChunks(keysOf(labels), func(labels []string) error {
			var rows []struct {
				ID, ModelID int64
				Label       string
			}
			if err := s.read.WithContext(ctx).Table("versions").Select("id, model_id, label").Where("model_id IN ? AND label IN ?", models, labels).Scan(&rows).Error; err != nil {
				return fmt.Errorf("versions of stamps: %w", err)
			}
			s.names.add(func() {
				for _, r := range rows {
					name, ref := stampName{slugOf[r.ModelID], r.Label}, versionRef{r.ModelID, r.ID}
					refs[name] = ref
					s.names.versions[name], s.names.models[name.model] = ref, ref.model
				}
			})
			return nil
		})
	})
}

func (s *Store) versionStates(ctx context.Context, refs map[stampName]versionRef) (map[int64]versionState, error) {
	states := make(map[int64]versionState, len(refs))
	var seq int64
	if err := s.read.WithContext(ctx).Raw("SELECT seq FROM audit_head WHERE id = 1").Scan(&seq).Error; err != nil {
		return nil, fmt.Errorf("versions of stamps: %w", err)
	}
	var ids []int64
	s.names.mu.Lock()
	if s.names.seq != seq || s.names.states == nil {
		s.names.seq, s.names.states = seq, map[int64]versionState{}
	}
	for _, r := range refs {
		if st, known := s.names.states[r.version]; known {
			states[r.version] = st
		} else {
			ids = append(ids, r.version)
		}
	}
	s.names.mu.Unlock()
	err := inChunks(ids, func(chunk []int64) error {
		var rows []versionState
		if err := s.read.WithContext(ctx).Table("versions").Select("id, stage, revision").Where("id IN ?", chunk).Scan(&rows).Error; err != nil {
			return fmt.Errorf("versions of stamps: %w", err)
		}
		s.names.mu.Lock()
		defer s.names.mu.Unlock()
		for _, r := range rows {
			states[r.ID] = r
			if s.names.seq == seq && s.names.states != nil {
				s.names.states[r.ID] = r
			}
		}
		return nil
	})
	return states, err
}

// promptsOf are the prompts' hashes of the versions that are stamped with one.
func (s *Store) promptsOf(ctx context.Context, counts []telemetry.Count, refs map[stampName]versionRef, states map[int64]versionState) (map[int64][]string, error) {
	out, missing := map[int64][]string{}, map[int64]bool{}
	s.names.mu.Lock()
	for _, c := range counts {
		id := refs[stampName{c.Stamp.Model, c.Stamp.Version}].version
		if c.Stamp.Prompt == "" || id == 0 {
			continue
		}
		if p, known := s.names.prompts[id]; known && p.revision == states[id].Revision {
			out[id] = p.hashes
		} else {
			missing[id] = true
		}
	}
	s.names.mu.Unlock()
	return out, inChunks(keysOf(missing), func(chunk []int64) error {
		var rows []versionRow
		if err := s.read.WithContext(ctx).Select("id", "built", "revision").Where("id IN ?", chunk).Find(&rows).Error; err != nil {
			return fmt.Errorf("prompts of stamps: %w", err)
		}
		s.names.add(func() {
			for _, r := range rows {
				at := promptsAt{revision: r.Revision}
				if rel := r.Built.V.Release; rel != nil {
					for _, p := range rel.Prompts {
						at.hashes = append(at.hashes, p.SHA256)
					}
				}
				s.names.prompts[r.ID], out[r.ID] = at, at.hashes
			}
		})
		return nil
	})
}

// inChunks keeps lists of arguments short: a statement per length of list would be prepared and kept.
func inChunks[T any](list []T, fn func([]T) error) error {
	for len(list) > 0 {
		n := min(len(list), 200)
		chunk := list[:n:n]
		list = list[n:]
		for len(chunk) < 200 && len(chunk)&(len(chunk)-1) != 0 { // a power of two: few different statements
			chunk = append(chunk, chunk[0])
		}
		if err := fn(chunk); err != nil {
			return err
		}
	}
	return nil
}

func keysOf[K comparable](m map[K]bool) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}
