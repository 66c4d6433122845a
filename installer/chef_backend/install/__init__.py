"""What the package's scriptlets do: `python -m chef_backend.install {postinst,prerm} VERSION ARGUMENTS…`.

The arguments of dpkg or rpm become an event (`event`), event and machine become steps (`steps`, pure), and
`perform` makes them. What runs before the files are unpacked or after they are gone is shell:
installer/scripts/preinst and postrm. No step starts or restarts a service; only the final removal stops them.
"""
