# Draws every picture anew. One that cannot be drawn leaves the file as it was.
foreach(picture IN ITEMS lifecycle operation race)
    execute_process(COMMAND ${PROGRAM} ${picture} OUTPUT_VARIABLE svg COMMAND_ERROR_IS_FATAL ANY)
    file(WRITE ${FOLDER}/${picture}.svg "${svg}")
endforeach()
