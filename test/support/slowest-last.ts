import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files whose server is built or downloaded the first time, which goes on while the others run. */
const SLOWEST = /kubernetes|ingress|elasticsearch|opensearch|servers\/search/

export default class SlowestLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isSlowest = ({ moduleId }: TestSpecification) =>
      SLOWEST.test(relative(this.ctx.config.root, moduleId))
    return [...sorted.filter((file) => !isSlowest(file)), ...sorted.filter(isSlowest)]
  }
}
