package retirement

// InputsOf is what stands in a section's form.
var InputsOf = inputsOf
