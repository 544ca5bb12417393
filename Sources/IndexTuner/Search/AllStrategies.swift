// The strategies there are, the default first.

package let allStrategies: [any SearchStrategy] = [
  PlanChoice(),
  GreedyAnytime(),
]
