package store

import "sundial/models/org"

// readingsToConfirm are what others say of vendors' models and may not let count alone.
func readingsToConfirm(person int64) part {
	return part{kind: WorkReading, order: "k.id",
		columns: "k.id, k.by_name AS who, '' AS to_stage, k.host AS state, k.model_id AS detail, k.at AS at, 0 AS due",
		from:    "FROM vendor_readings k LEFT JOIN models m ON m.id = -1", // no model of ours: it may have many, or none yet
		where:   "k.state = 'proposed' AND COALESCE(k.by_id, 0) <> ?", args: []any{person}}
}

// reevaluations are the releases of one's own models that are to be measured again: no evaluation of
// exactly this release, one that did not pass, or one from before the vendor's model changed. It is
// lifecycle.Reevaluation as SQL, for lists only; what merely grows old is told with the other evidence.
func (s *Store) reevaluations(a org.Actor) part {
	return part{kind: DueEvaluation, order: "v.id",
		columns: `v.id, '' AS who, v.stage AS to_stage, '' AS state, CASE WHEN e.id IS NULL THEN 'none' WHEN e.outcome <> 'passed' THEN 'failed' ELSE 'vendor' END AS detail,
			COALESCE(e.recorded_at, v.built_at) AS at, 0 AS due`,
		from: `FROM models m JOIN versions v ON v.model_id = m.id
			LEFT JOIN vendor_uses u ON u.host = v.vendor_host AND u.model_id = v.vendor_model
			LEFT JOIN vendor_models c ON c.host = u.catalogue_host AND c.key = u.key
			LEFT JOIN evidence e ON e.id = (SELECT MAX(x.id) FROM evidence x WHERE x.version_id = v.id AND x.kind = 'evaluation' AND x.withdrawn = FALSE AND x.version_digest = v.digest)`,
		where: `(m.owner_id = ? OR m.deputy_id = ?) AND m.kind = 'genai' AND v.stage IN ('validated', 'staged', 'production') AND v.superseded_at = 0
			AND (e.id IS NULL OR e.outcome <> 'passed' OR COALESCE(c.facts_at, 0) > e.recorded_at)`,
		args: []any{a.ID, a.ID}}
}
