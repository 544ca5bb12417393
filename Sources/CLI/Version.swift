// The one place that says which version this is.

let productVersion = "0.1.0"
