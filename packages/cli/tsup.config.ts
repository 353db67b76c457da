import { build, version } from '../../tsup.base.js'

export default build({ entry: ['src/index.ts', 'src/bin.ts'], define: { VERSION: JSON.stringify(version) } })
