export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** The median of the ratios, round by round: what the machine did in one round it did to both sides. */
export function ratio(ours, theirs) {
  return median(ours.map((value, index) => value / theirs[index]))
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
