/** Calls the modules of the API what they are imported as. */
export function load({ converter }) {
  converter.on('resolveBegin', ({ project }) => {
    for (const module of project.children ?? [])
      module.name = module.name.replace(/^\w+\/([\w-]+)\/src/, '@uptimeserver/$1')
  })
}
