/** Every page of the site: where it stands in the repository, where on the site, and what it is called in the menu. */
export interface Page {
  readonly file: string
  readonly at: string
  readonly text: string
}

export interface Section {
  readonly text: string
  readonly pages: readonly Page[]
}

const guide = (name: string, text: string): Page => ({
  file: `docs/guide/${name}.md`,
  at: `guide/${name}`,
  text,
})
const readme = (folder: string, at: string, text: string): Page => ({
  file: `${folder}/README.md`,
  at,
  text,
})
const plugin = (name: string, text: string) => readme(`plugins/${name}`, `plugins/${name}`, text)
const example = (name: string, text: string) => readme(`examples/${name}`, `examples/${name}`, text)

export const SECTIONS: readonly Section[] = [
  {
    text: 'Guide',
    pages: [
      { file: 'README.md', at: 'guide/overview', text: 'Overview' },
      guide('get-started', 'Get started'),
      guide('write-a-check', 'Write a check'),
      guide('write-a-provider', 'Write a provider'),
      guide('write-a-storage', 'Write a storage'),
      guide('embed', 'Embed the runner'),
      { file: 'packages/core/docs/sla.md', at: 'guide/sla', text: 'The number' },
      { file: 'packages/core/docs/reliability.md', at: 'guide/reliability', text: 'Reliability' },
      guide('security', 'Security'),
      guide('migrate', 'Migrate'),
    ],
  },
  {
    text: 'Packages',
    pages: [
      readme('packages/cli', 'packages/uptimeserver', 'uptimeserver, the command'),
      readme('packages/core', 'packages/core', 'core'),
      readme('packages/testing', 'packages/testing', 'testing'),
    ],
  },
  {
    text: 'Checks',
    pages: [
      plugin('http', 'HTTP'),
      plugin('mongo', 'MongoDB'),
      plugin('elasticsearch', 'Elasticsearch, OpenSearch'),
      plugin('kubernetes', 'Kubernetes'),
    ],
  },
  {
    text: 'Providers',
    pages: [
      plugin('ingress', 'Ingress'),
      plugin('file-provider', 'Files'),
      plugin('socket-provider', 'Socket'),
      plugin('database-provider', 'Database'),
    ],
  },
  {
    text: 'Storages',
    pages: [plugin('sqlite-storage', 'SQLite'), plugin('mongo-storage', 'MongoDB')],
  },
  {
    text: 'Examples',
    pages: [
      example('playground', 'Playground'),
      example('minimal', 'Minimal'),
      example('custom-check', 'A check of your own'),
      example('embedded', 'Embedded'),
      example('systemd', 'systemd'),
      example('docker-compose', 'docker-compose'),
      example('kubernetes', 'Kubernetes'),
      readme('docker', 'examples/image', 'The image'),
      example('from-python-uptimeserver', 'From python-uptimeserver'),
    ],
  },
  {
    text: 'The project',
    pages: [
      { file: 'CONTRIBUTING.md', at: 'project/contributing', text: 'Contributing' },
      { file: 'test/bench/RESULTS.md', at: 'project/measured', text: 'Measured' },
    ],
  },
]

export const PAGES: readonly Page[] = SECTIONS.flatMap(({ pages }) => pages)
