export interface SearchUser {
  readonly username: string
  readonly password: string
}

/** `admin` may do everything, `monitor` may read how the cluster is, `weak` is known and may do nothing. */
export const USERS = {
  admin: { username: 'admin', password: 'admin-pass' },
  monitor: { username: 'monitor', password: 'monitor-pass' },
  weak: { username: 'weak', password: 'weak-pass' },
} satisfies Record<string, SearchUser>

/** Their passwords, by bcrypt at the least cost it can have. */
export const HASHES: Readonly<Record<keyof typeof USERS, string>> = {
  admin: '$2a$04$vriBkrI8VFr1fYC1ieDkveXdDiJdEh2iSxct8E9LVuRAlNTYKpijm',
  monitor: '$2a$04$muvR9xJ72PMfuiKCga4eoe5FGZ1E4JPYxpYMyoUCNE9kQ0RKwc9SW',
  weak: '$2a$04$GFzf0OJut6aUsTQxeahZjecHPhB/PuAEUpt9RDXBkebBSAyPUgUDy',
}
