package vendors

import "strings"

// What an Azure deployment does when the vendor brings a new version.
type upgradePolicy int

const (
	policyUnknown upgradePolicy = iota
	policyNone                  // NoAutoUpgrade: stays until the version is retired, then stops
	policyExpired               // OnceCurrentVersionExpired: stays until then, and moves on by itself
	policyAuto                  // OnceNewDefaultVersionAvailable: moves with the default
)

// ClassifyAzure judges a deployment by its three facts: the model's name, its version, and the
// deployment's upgrade policy, as Azure's API or portal words them. A dated version whose
// deployment updates itself floats.
func ClassifyAzure(name, version, policy string) Verdict {
	for _, s := range []string{name, version, policy} {
		if reason := unreadable(s); reason != "" {
			return Verdict{Class: Undetermined, Reason: reason, Host: AzureOpenAI}
		}
	}
	name, version = Normalize(name), Normalize(version)
	v := judgeAzure(trimPrefixes(name, "azure/", "azure_ai/"), version, policyOf(policy))
	v.Host, v.Normalized = AzureOpenAI, name
	if version != "" {
		v.Normalized = name + "@" + version
	}
	return v
}

func judgeAzure(name, version string, policy upgradePolicy) Verdict {
	if name == "" {
		return undetermined("There is no model name.")
	}
	if base := azureBase(name); base != "" {
		return tuned(base, true, azureDeployment(base, "", policyNone))
	}
	return azureDeployment(name, version, policy)
}

func azureDeployment(name, version string, policy upgradePolicy) Verdict {
	if v, moves := moving(name + " " + version); moves {
		return v
	}
	m := makerOfName(name)
	if version == "" {
		version, _ = makerDate(m, parts(name))
	}
	preview := isPreview(parts(name + "-" + version))
	switch {
	case version == "" && preview:
		return undatedPreview("the vendor")
	case version == "" && m != byOther:
		return floating("The name alone: Azure deploys its default version and moves with it unless told otherwise.").
			suggest("Name the version, and set the deployment's upgrade policy to NoAutoUpgrade.")
	case version == "":
		return undetermined("A deployment's name does not say which model it runs.").
			suggest("Give the model's name, its version and the deployment's upgrade policy.")
	case version == "default" || policy == policyAuto:
		return floating("The deployment moves by itself when Azure brings a new default version, whatever its version is today.").
			suggest("Set the deployment's upgrade policy to NoAutoUpgrade.")
	case !azureVersion(version) && preview:
		return undatedPreview("the vendor")
	case !azureVersion(version):
		return undetermined("%q is neither a date nor a version number.", version)
	case policy == policyUnknown:
		return undetermined("The version %s is fixed, but the deployment's upgrade policy is not known, and Azure's own default is to move.", version).
			suggest("Name the upgrade policy; NoAutoUpgrade pins the version.")
	}
	return azurePinned(version, policy, preview)
}

func azurePinned(version string, policy upgradePolicy, preview bool) Verdict {
	v := pinned("The version %s is fixed and the deployment does not upgrade itself.", version)
	if policy == policyExpired {
		v = pinned("The version %s is fixed until Azure retires it; then the deployment moves on by itself.", version).
			suggest("NoAutoUpgrade makes it stop instead of moving when the version ends.")
	}
	if preview {
		v.Class = PreviewPinned
		v.Reason = "The version " + version + " is fixed, but it is a preview, which may be withdrawn at short notice."
	}
	return v
}

// azureVersion accepts dates (2024-11-20, 0613, turbo-2024-04-09, 2411) and numbers (1, 001, 3.0).
func azureVersion(version string) bool {
	words := parts(version)
	if _, ok := dateIn(words, isoDay, monthDay, yearMonth, monthYear, compactDay); ok {
		return true
	}
	if len(words) != 1 {
		return false
	}
	_, _, ok := number(words[0])
	return ok || digits(words[0], 3)
}

// classifyAzureID reads what a person types into one field: NAME, NAME-DATE, NAME@VERSION,
// NAME:VERSION, each with the upgrade policy behind another mark.
func classifyAzureID(id string) Verdict {
	id = trimPrefixes(id, azurePrefixes...)
	if base := azureBase(id); base != "" {
		return judgeAzure(id, "", policyUnknown)
	}
	pieces := strings.FieldsFunc(id, azureMark)
	var name, version string
	policy := policyUnknown
	for _, piece := range pieces {
		switch p := policyOf(piece); {
		case p != policyUnknown:
			policy = p
		case name == "":
			name = piece
		case version == "" && !has([]string{"version", "policy"}, piece):
			version = piece
		}
	}
	return judgeAzure(name, version, policy)
}

// azurePrefixes are what gateways put before a deployment's name.
var azurePrefixes = []string{"azure/", "azure_ai/", "openai/", "eu/", "us/", "global/"}

// azureMark separates name, version and policy where they stand in one field.
func azureMark(r rune) bool { return strings.ContainsRune("@:/;,?=|()[]", r) }

// azureBase is the base of an Azure fine-tune, BASE.ft-JOB; "" for anything else.
func azureBase(id string) string {
	base, _, ok := strings.Cut(id, ".ft-")
	if !ok {
		return ""
	}
	return base
}

func policyOf(s string) upgradePolicy {
	word := strings.Map(func(r rune) rune {
		if isAlnum(r) {
			return r
		}
		return -1
	}, Normalize(s))
	switch word {
	case "noautoupgrade", "noautoupdate", "none", "manual":
		return policyNone
	case "oncecurrentversionexpired", "upgradewhenexpired", "updatewhenexpired":
		return policyExpired
	case "oncenewdefaultversionavailable", "autoupdatetodefault", "autoupgradetodefault", "autoupdate", "autoupgrade":
		return policyAuto
	}
	return policyUnknown
}
