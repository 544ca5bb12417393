// The front door of libyaml, a YAML 1.1 parser as a library.
#include <yaml.h>
